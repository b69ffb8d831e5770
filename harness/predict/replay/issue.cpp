// What an instruction does when it is issued.

#include <algorithm>

#include "harness/predict/replay/machine.h"

namespace kernelgate::predict {
namespace {

void hold(Scoreboard& board, double until, Reason reason) {
  if (until > board.free_at) board = {until, reason};
}

}  // namespace

void Machine::issue(std::size_t number, Candidate when) {
  RunningWarp& warp = warps_[number];
  RunningMultiprocessor& here = multiprocessors_[blocks_[warp.block].multiprocessor];
  const Step& step = warp.trace->steps[warp.next];
  const std::size_t index = step.instruction;
  const Instruction& in = kernel_.instructions[index];
  const Cost& cost = costs_[index];
  // Code that this multiprocessor has not run yet comes from L2, a line of 8 instructions after the other.
  double& line = here.code_line_at[index / 8];
  if (line < 0) {
    line = std::max(when.at, here.code_free) + gpu_.cold_code;
    here.code_free = line;
  }
  when.later(line, Reason::code);
  const double at = when.at;
  account(number, index, when);
  here.scheduler_free[warp.scheduler] = at + 1;
  if (cost.pipe != Pipe::none && step.lanes != 0)
    here.pipes[warp.scheduler][static_cast<std::size_t>(cost.pipe)] = at + cost.busy;
  warp.last = at;
  if (options_.cold || options_.boxes_from_dram) warp.issued.push_back(static_cast<float>(at));
  warp.ready = at + std::max(in.control.stall, 1u);
  if (step.lanes != 0) execute(warp, in, step, cost, at);
  if (++warp.next == warp.trace->steps.size()) return leave(warp, at);
  if (in.op >= Opcode::bra && in.op <= Opcode::jump && warp.trace->steps[warp.next].instruction != index + 1)
    warp.ready += gpu_.branch;
}

void Machine::account(std::size_t number, std::size_t index, const Candidate& when) {
  for (std::size_t r = 0; r < reason_count; ++r) per_warp_[number][index][r] += static_cast<float>(when.waits[r]);
  ++executions_[number][index];
  if (!options_.keep_issues) return;
  const auto most = std::ranges::max_element(when.waits);
  result_.issues[number].push_back({static_cast<std::uint32_t>(index), static_cast<float>(when.at),
                                    static_cast<float>(when.at - warps_[number].last),
                                    static_cast<Reason>(most - when.waits.begin())});
}

void Machine::execute(RunningWarp& warp, const Instruction& in, const Step& step, const Cost& cost, double at) {
  RunningMultiprocessor& here = multiprocessors_[blocks_[warp.block].multiprocessor];
  double done = at + cost.latency, operands_read = at + gpu_.register_read;
  Reason reason = in.op == Opcode::syncs      ? Reason::mbarrier
                  : cost.pipe == Pipe::memory ? Reason::shared
                  : in.op == Opcode::ldc      ? Reason::constants
                                              : Reason::special;
  if (step.access != no_access) {
    const Access& access = warp.trace->accesses[step.access];
    if (access.wavefronts > 0) {
      here.shared_free = std::max(here.shared_free, at) + access.wavefronts;
      done = here.shared_free + gpu_.shared_latency - 1;
      operands_read = std::max(operands_read, here.shared_free);
    }
    if (access.remote_lanes > 0) {
      done = here.memory.read_other_shared(access.bytes, at);
      reason = Reason::other_shared;
      if (in.op == Opcode::st) warp.stores_land = std::max(warp.stores_land, done);
    }
    if (access.sectors > 0) {
      const bool writes = in.op == Opcode::stg || in.op == Opcode::red;
      const double landed =
          writes ? here.memory.write(access, at) : here.memory.read(*warp.trace, access, in, warp.issued, at);
      if (in.op == Opcode::ldgsts)
        warp.copies_land = std::max(warp.copies_land, landed);
      else
        done = landed;
      operands_read = std::max(operands_read, at + access.sectors / 4.0);
      reason = Reason::global;
    }
  }
  if (in.op == Opcode::ldgdepbar || in.op == Opcode::tma_commit) {
    warp.groups.push_back(std::max(warp.copies_land, warp.groups.empty() ? 0 : warp.groups.back()));
    warp.copies_land = 0;
  }
  if (in.op == Opcode::membar || in.op == Opcode::fence) operands_read = done;
  operands_read = std::max(operands_read, operate(warp, in, step, at));
  if (in.control.write_barrier < scoreboards) hold(warp.boards[in.control.write_barrier], done, reason);
  // Operands are read when the request leaves the queue of the memory pipe.
  if (in.control.read_barrier < scoreboards)
    hold(warp.boards[in.control.read_barrier], operands_read, step.access != no_access ? Reason::shared : reason);
}

void Machine::leave(RunningWarp& warp, double at) {
  warp.done = true;
  end_ = std::max(end_, at);
  RunningBlock& block = blocks_[warp.block];
  --block.left;
  warp.at_barrier = -1;  // if its last instruction was the barrier
  open_if_met(block, 0);
  RunningCluster& cluster = clusters_[block.cluster];
  --cluster.warps;
  if (warp.cluster_arrivals > cluster.ends.size()) --cluster.arrived;
  end_if_met(cluster);
}

}  // namespace kernelgate::predict

// When a warp's next instruction can be issued.

#include <algorithm>

#include "harness/predict/replay/machine.h"

namespace kernelgate::predict {
namespace {

Reason pipe_reason(Pipe pipe) {
  return pipe == Pipe::tensor    ? Reason::tensor
         : pipe == Pipe::memory  ? Reason::shared
         : pipe == Pipe::special ? Reason::special
                                 : Reason::arithmetic;
}

}  // namespace

/// What other warps, TMA and the Tensor Cores keep it waiting for. False: that is not known yet.
template <class When>
bool Machine::synchronized(const RunningWarp& warp, const Instruction& in, const Step& step, When& when) const {
  const RunningBlock& block = blocks_[warp.block];
  const auto later = [&](std::optional<double> at, Reason why) {
    if (at) when.later(*at, why);
    return at.has_value();
  };
  const auto& wgmma = block.wgmma[warp.in_block / WgmmaQueue::warps];
  switch (in.op) {
    case Opcode::depbar:
      if (in.operands.size() > 1) {
        const auto left = static_cast<std::size_t>(in.operands[1].value);
        if (warp.groups.size() > left) when.later(warp.groups[warp.groups.size() - 1 - left], Reason::async_copy);
      }
      return true;
    case Opcode::grid_wait:
      when.at = std::max(when.at, options_.previous_ends);  // not this kernel's time
      return true;
    case Opcode::hgmma:
      return later(wgmma.place(warp.in_block % WgmmaQueue::warps), Reason::tensor);
    case Opcode::warpgroup:
      if (in.operands.size() < 2) return true;
      return later(wgmma.ended(warp.in_block % WgmmaQueue::warps, static_cast<std::size_t>(in.operands.back().value)),
                   Reason::tensor);
    case Opcode::cluster_wait: {
      const auto& ends = clusters_[block.cluster].ends;
      if (warp.cluster_arrivals == 0 || warp.cluster_arrivals > ends.size()) return false;
      when.later(ends[warp.cluster_arrivals - 1], Reason::cluster);
      return true;
    }
    case Opcode::syncs: {
      const Operation& operation = warp.trace->operations[step.operation];
      if (operation.kind != Operation::Kind::mbarrier_wait) return true;
      const auto end = block.mbarriers.over(operation.address & 0xffffff, operation.value, when.at);
      if (end) when.later(end->at, end->reason);
      return end.has_value();
    }
    case Opcode::set_registers: {
      const Operation& operation = warp.trace->operations[step.operation];
      if (operation.kind != Operation::Kind::registers_wanted) return true;
      if (block.free_registers < (static_cast<std::int64_t>(operation.value) - options_.registers) * warp_lanes)
        return false;
      when.later(block.registers_freed, Reason::barrier);
      return true;
    }
    default:
      return true;
  }
}

template <class When>
bool Machine::alone(const RunningWarp& warp, When& when) const {
  const Step& step = warp.trace->steps[warp.next];
  const Instruction& in = kernel_.instructions[step.instruction];
  when.at = warp.last;
  when.later(warp.ready, Reason::issue);
  when.later(warp.released, Reason::barrier);
  for (std::size_t b = 0; b < scoreboards; ++b)
    if ((in.control.wait_mask >> b & 1) != 0) when.later(warp.boards[b].free_at, warp.boards[b].reason);
  return step.lanes == 0 || synchronized(warp, in, step, when);
}

template <class When>
void Machine::among_others(const RunningWarp& warp, When& when) const {
  const RunningMultiprocessor& here = multiprocessors_[blocks_[warp.block].multiprocessor];
  const Pipe pipe = costs_[warp.trace->steps[warp.next].instruction].pipe;
  if (pipe != Pipe::none) when.later(here.pipes[warp.scheduler][static_cast<std::size_t>(pipe)], pipe_reason(pipe));
  when.later(here.scheduler_free[warp.scheduler], Reason::scheduler);
}

Replay Machine::run() {
  for (;;) {
    std::size_t best = warps_.size();
    double first = 0;
    for (std::size_t i = 0; i < warps_.size(); ++i) {
      RunningWarp& warp = warps_[i];
      if (warp.done || warp.at_barrier >= 0) continue;
      Time time{warp.own};
      if (warp.own < 0) {
        if (!alone(warp, time)) continue;
        // Registers that it could have now another warp may take before.
        if (kernel_.instructions[warp.trace->steps[warp.next].instruction].op != Opcode::set_registers)
          warp.own = time.at;
      }
      among_others(warp, time);
      if (best == warps_.size() || time.at < first || (time.at == first && warp.last < warps_[best].last)) {
        best = i;
        first = time.at;
      }
    }
    if (best == warps_.size()) break;
    Candidate when;
    alone(warps_[best], when);
    among_others(warps_[best], when);
    warps_[best].own = -1;
    issue(best, when);
  }
  if (std::ranges::any_of(warps_, [](const RunningWarp& warp) { return !warp.done; })) stuck();
  return finish();
}

}  // namespace kernelgate::predict

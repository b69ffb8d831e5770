#include "harness/predict/replay/multiprocessor.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "harness/base/error.h"
#include "harness/predict/replay/pipes.h"

namespace kernelgate::predict {
namespace {

constexpr std::size_t schedulers = 4;
constexpr std::size_t scoreboards = 6;

struct Scoreboard {
  double free_at = 0;
  Reason reason = Reason::special;
};

struct RunningWarp {
  const WarpTrace* trace = nullptr;
  std::size_t block = 0, next = 0, scheduler = 0;
  std::vector<float> issued;  ///< when each step was; kept where L2 is cold
  double ready = 0;           ///< by the stall count of the instruction before
  double last = 0;            ///< when that was issued
  double released = 0;        ///< when its barrier let it go
  std::array<Scoreboard, scoreboards> boards{};
  double copies_land = 0;      ///< those since the last group was closed
  std::vector<double> groups;  ///< when each group of asynchronous copies has landed
  bool at_barrier = false, done = false;
};

struct RunningBlock {
  std::size_t warps = 0, arrived = 0, left = 0;
  double last_arrival = 0;
};

class Multiprocessor {
 public:
  Multiprocessor(const SassKernel& kernel, std::span<const BlockTrace* const> blocks, const Gpu& gpu,
                 const ReplayOptions& options)
      : kernel_(kernel), gpu_(gpu), options_(options), costs_(costs_of(kernel, gpu)) {
    for (const BlockTrace* block : blocks) {
      for (const WarpTrace& trace : block->warps) {
        RunningWarp& warp = warps_.emplace_back();
        warp.trace = &trace;
        warp.block = blocks_.size();
        warp.scheduler = (warps_.size() - 1) % schedulers;
      }
      blocks_.push_back({block->warps.size(), 0, block->warps.size(), 0});
    }
    code_line_at_.assign(kernel.instructions.size() / 8 + 1, -1);
    result_.reasons_by_instruction.resize(kernel.instructions.size());
    result_.cycles_by_instruction.resize(kernel.instructions.size());
    per_warp_.resize(warps_.size(), std::vector<std::array<float, reason_count>>(kernel.instructions.size()));
    executions_.resize(warps_.size(), std::vector<std::uint32_t>(kernel.instructions.size()));
    if (options.keep_issues) result_.issues.resize(warps_.size());
  }

  Replay run() {
    for (;;) {
      std::size_t best = warps_.size();
      Candidate first;
      for (std::size_t i = 0; i < warps_.size(); ++i) {
        RunningWarp& warp = warps_[i];
        if (warp.done || warp.at_barrier) continue;
        const Candidate one = candidate(warp);
        if (best == warps_.size() || one.at < first.at || (one.at == first.at && warp.last < warps_[best].last)) {
          best = i;
          first = one;
        }
      }
      if (best == warps_.size()) break;
      issue(best, first);
    }
    return finish();
  }

 private:
  /// When an instruction can be issued, and what it waits for until then: what each cause adds to those before it.
  struct Candidate {
    double at = 0;
    std::array<double, reason_count> waits{};
    void later(double time, Reason why) {
      if (time <= at) return;
      waits[static_cast<std::size_t>(why)] += time - at;
      at = time;
    }
  };

  Candidate candidate(const RunningWarp& warp) const {
    const std::size_t index = warp.trace->steps[warp.next].instruction;
    const Instruction& in = kernel_.instructions[index];
    Candidate one{warp.last, {}};
    one.later(warp.ready, Reason::issue);
    one.later(warp.released, Reason::barrier);
    for (std::size_t b = 0; b < scoreboards; ++b)
      if ((in.control.wait_mask >> b & 1) != 0) one.later(warp.boards[b].free_at, warp.boards[b].reason);
    if (in.op == Opcode::depbar && in.operands.size() > 1) {
      const auto left = static_cast<std::size_t>(in.operands[1].value);
      if (warp.groups.size() > left) one.later(warp.groups[warp.groups.size() - 1 - left], Reason::async_copy);
    }
    const Cost& cost = costs_[index];
    if (cost.pipe != Pipe::none)
      one.later(pipes_[warp.scheduler][static_cast<std::size_t>(cost.pipe)], pipe_reason(cost.pipe));
    one.later(scheduler_free_[warp.scheduler], Reason::scheduler);
    return one;
  }

  static Reason pipe_reason(Pipe pipe) {
    return pipe == Pipe::tensor    ? Reason::tensor
           : pipe == Pipe::memory  ? Reason::shared
           : pipe == Pipe::special ? Reason::special
                                   : Reason::arithmetic;
  }

  void issue(std::size_t number, Candidate when) {
    RunningWarp& warp = warps_[number];
    const Step& step = warp.trace->steps[warp.next];
    const std::size_t index = step.instruction;
    const Instruction& in = kernel_.instructions[index];
    const Cost& cost = costs_[index];
    // Code that this multiprocessor has not run yet comes from L2, a line of 8 instructions after the other.
    double& line = code_line_at_[index / 8];
    if (line < 0) {
      line = std::max(when.at, code_free_) + gpu_.cold_code;
      code_free_ = line;
    }
    when.later(line, Reason::code);
    const double at = when.at;
    account(number, index, when);
    scheduler_free_[warp.scheduler] = at + 1;
    if (cost.pipe != Pipe::none && step.lanes != 0)
      pipes_[warp.scheduler][static_cast<std::size_t>(cost.pipe)] = at + cost.busy;
    warp.last = at;
    if (options_.cold) warp.issued.push_back(static_cast<float>(at));
    warp.ready = at + std::max(in.control.stall, 1u);
    if (step.lanes != 0) execute(warp, in, step, cost, at);
    if (++warp.next == warp.trace->steps.size()) return leave(warp, at);
    if (in.op >= Opcode::bra && in.op <= Opcode::jump && warp.trace->steps[warp.next].instruction != index + 1)
      warp.ready += gpu_.branch;
  }

  void account(std::size_t number, std::size_t index, const Candidate& when) {
    for (std::size_t r = 0; r < reason_count; ++r) per_warp_[number][index][r] += static_cast<float>(when.waits[r]);
    ++executions_[number][index];
    if (!options_.keep_issues) return;
    const auto most = std::ranges::max_element(when.waits);
    result_.issues[number].push_back({static_cast<std::uint32_t>(index), static_cast<float>(when.at),
                                      static_cast<float>(when.at - warps_[number].last),
                                      static_cast<Reason>(most - when.waits.begin())});
  }

  void execute(RunningWarp& warp, const Instruction& in, const Step& step, const Cost& cost, double at) {
    double done = at + cost.latency, operands_read = at + gpu_.register_read;
    Reason reason = cost.pipe == Pipe::memory ? Reason::shared
                    : in.op == Opcode::ldc    ? Reason::constants
                                              : Reason::special;
    if (in.op == Opcode::hgmma) throw HarnessError(ExitCode::invalid, "wgmma is not in the model yet");
    if (step.access != no_access) {
      const Access& access = warp.trace->accesses[step.access];
      if (access.wavefronts > 0) {
        shared_free_ = std::max(shared_free_, at) + access.wavefronts;
        done = shared_free_ + gpu_.shared_latency - 1;
        operands_read = std::max(operands_read, shared_free_);
      }
      if (access.sectors > 0) {
        const bool writes = in.op == Opcode::stg || in.op == Opcode::red;
        const double landed = writes ? write(access, at) : read(warp, access, in, at);
        if (in.op == Opcode::ldgsts)
          warp.copies_land = std::max(warp.copies_land, landed);
        else
          done = landed;
        operands_read = std::max(operands_read, at + access.sectors / 4.0);
        reason = Reason::global;
      }
    }
    if (in.op == Opcode::ldgdepbar) {
      warp.groups.push_back(std::max(warp.copies_land, warp.groups.empty() ? 0 : warp.groups.back()));
      warp.copies_land = 0;
    }
    if (in.control.write_barrier < scoreboards) hold(warp.boards[in.control.write_barrier], done, reason);
    // Operands are read when the request leaves the queue of the memory pipe.
    if (in.control.read_barrier < scoreboards)
      hold(warp.boards[in.control.read_barrier], operands_read, step.access != no_access ? Reason::shared : reason);
    if (in.op == Opcode::bar) arrive(warp, at);
  }

  static void hold(Scoreboard& board, double until, Reason reason) {
    if (until > board.free_at) board = {until, reason};
  }

  double read(const RunningWarp& warp, const Access& access, const Instruction& in, double at) {
    const bool through_l1 = !in.has(Modifier::bypass);
    const bool wide = in.has(Modifier::ltc128b);
    double landed = at;
    for (std::uint32_t i = 0; i < access.sectors; ++i) {
      double came = 0;
      if (!access.address_known) {
        came = from_l2(at);
      } else {
        const std::uint64_t sector = warp.trace->sectors[access.first_sector + i];
        const auto known = in_l1_.find(sector);
        if (through_l1 && known != in_l1_.end()) {
          came = std::max(at + gpu_.l1_latency, known->second);
        } else {
          came = options_.cold ? from_dram(warp, sector, wide, at) : from_l2(at);
          if (through_l1) in_l1_[sector] = came;
        }
      }
      landed = std::max(landed, came);
    }
    return landed;
  }

  double from_l2(double at) {
    ++result_.l2_sectors;
    l2_free_ = std::max(l2_free_, at) + 32 / options_.l2_bytes_per_cycle;
    return l2_free_ + gpu_.l2_latency;
  }

  /// Whoever asks first brings a line to L2, and its neighbours with it: 64 bytes, or the 128 that the load asks for.
  /// The warps of other blocks are taken to be as far as this one.
  double from_dram(const RunningWarp& warp, std::uint64_t sector, bool wide, double at) {
    const std::uint64_t half = sector / 2, pair = half ^ 1;
    const auto [line, first] = lines_.try_emplace(wide ? half & ~std::uint64_t{1} : half, at);
    if (first) {
      ++result_.dram_sectors;
      if (options_.elsewhere != nullptr)
        for (const std::uint64_t one : {half, wide ? pair : half})
          if (const auto other = options_.elsewhere->find(one);
              other != options_.elsewhere->end() && other->second < warp.issued.size())
            line->second = std::min<double>(line->second, warp.issued[other->second]);
    }
    return std::max(from_l2(at), line->second + gpu_.dram_latency);
  }

  double write(const Access& access, double at) {
    l2_free_ = std::max(l2_free_, at) + access.sectors * 32 / options_.l2_bytes_per_cycle;
    written_ = std::max(written_, l2_free_);
    return at + gpu_.register_read;
  }

  void arrive(RunningWarp& warp, double at) {
    RunningBlock& block = blocks_[warp.block];
    block.last_arrival = std::max(block.last_arrival, at);
    warp.at_barrier = true;
    ++block.arrived;
    open_barrier(block, warp.block);
  }

  void open_barrier(RunningBlock& block, std::size_t number) {
    if (block.arrived == 0 || block.arrived < block.left) return;
    for (RunningWarp& warp : warps_)
      if (warp.block == number && warp.at_barrier) {
        warp.at_barrier = false;
        warp.released = block.last_arrival + gpu_.barrier_release;
      }
    block.arrived = 0;
  }

  void leave(RunningWarp& warp, double at) {
    warp.done = true;
    end_ = std::max(end_, at);
    RunningBlock& block = blocks_[warp.block];
    --block.left;
    warp.at_barrier = false;  // if its last instruction was the barrier
    open_barrier(block, warp.block);
  }

  Replay finish() {
    result_.cycles = std::max(end_, written_);
    for (std::size_t i = 1; i < warps_.size(); ++i)
      if (warps_[i].last > warps_[result_.slowest_warp].last) result_.slowest_warp = static_cast<unsigned>(i);
    // Which warp of a block comes last is chance, and what it waits for another matter than what the rest does: the
    // mean.
    const std::size_t block = warps_[result_.slowest_warp].block;
    const double part = 1 / static_cast<double>(blocks_[block].warps);
    for (std::size_t w = 0; w < warps_.size(); ++w) {
      if (warps_[w].block != block) continue;
      for (std::size_t i = 0; i < kernel_.instructions.size(); ++i)
        for (std::size_t r = 0; r < reason_count; ++r) {
          const double cycles = part * per_warp_[w][i][r];
          result_.cycles_by_reason[r] += cycles;
          result_.reasons_by_instruction[i][r] += cycles;
          result_.cycles_by_instruction[i] += cycles;
        }
    }
    for (const std::uint32_t n : executions_[result_.slowest_warp]) result_.executions.push_back(n);
    return std::move(result_);
  }

  const SassKernel& kernel_;
  const Gpu& gpu_;
  const ReplayOptions& options_;
  std::vector<Cost> costs_;
  std::vector<RunningWarp> warps_;
  std::vector<RunningBlock> blocks_;
  std::array<double, schedulers> scheduler_free_{};
  std::array<std::array<double, pipe_count>, schedulers> pipes_{};
  std::vector<double> code_line_at_;
  std::vector<std::vector<std::array<float, reason_count>>> per_warp_;
  std::vector<std::vector<std::uint32_t>> executions_;
  std::unordered_map<std::uint64_t, double> in_l1_;
  std::unordered_map<std::uint64_t, double> lines_;  ///< when somebody asked for them first
  double shared_free_ = 0, l2_free_ = 0, code_free_ = 0, written_ = 0, end_ = 0;
  Replay result_;
};

}  // namespace

const char* to_string(Reason reason) {
  static constexpr std::array<const char*, reason_count> words{"instruction issue", "another warp's issue",
                                                               "arithmetic pipes",  "tensor pipe",
                                                               "special functions", "shared memory",
                                                               "global loads",      "asynchronous copies",
                                                               "barriers",          "code that was not fetched yet",
                                                               "constants"};
  return words[static_cast<std::size_t>(reason)];
}

FirstReads first_reads(std::span<const BlockTrace> blocks) {
  FirstReads first;
  for (const BlockTrace& block : blocks)
    for (const WarpTrace& warp : block.warps)
      for (std::size_t s = 0; s < warp.steps.size(); ++s) {
        if (warp.steps[s].access == no_access) continue;
        const Access& access = warp.accesses[warp.steps[s].access];
        if (!access.address_known) continue;
        for (std::uint32_t i = 0; i < access.sectors; ++i) {
          const auto [entry, fresh] =
              first.try_emplace(warp.sectors[access.first_sector + i] / 2, static_cast<std::uint32_t>(s));
          if (!fresh) entry->second = std::min(entry->second, static_cast<std::uint32_t>(s));
        }
      }
  return first;
}

Replay replay(const SassKernel& kernel, std::span<const BlockTrace* const> blocks, const Gpu& gpu,
              const ReplayOptions& options) {
  return Multiprocessor(kernel, blocks, gpu, options).run();
}

}  // namespace kernelgate::predict

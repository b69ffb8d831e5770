#include "harness/predict/replay/multiprocessor.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/error.h"
#include "harness/predict/replay/machine.h"

namespace kernelgate::predict {

Machine::Machine(const SassKernel& kernel, std::span<const BlockTrace* const> blocks, const Gpu& gpu,
                 const ReplayOptions& options)
    : kernel_(kernel), gpu_(gpu), options_(options), costs_(costs_of(kernel, gpu)) {
  for (unsigned m = 0; m < options.cluster; ++m) {
    multiprocessors_.emplace_back(Memory(gpu, options, first_asked_));
    multiprocessors_.back().code_line_at.assign(kernel.instructions.size() / 8 + 1, -1);
  }
  clusters_.resize((blocks.size() + options.cluster - 1) / options.cluster);
  for (const BlockTrace* trace : blocks) {
    RunningBlock& block = blocks_.emplace_back();
    const std::size_t number = blocks_.size() - 1;
    block.warps = block.left = trace->warps.size();
    block.multiprocessor = number % options.cluster;
    block.cluster = number / options.cluster;
    block.first_warp = warps_.size();
    block.wgmma.assign((block.warps + WgmmaQueue::warps - 1) / WgmmaQueue::warps,
                       WgmmaQueue({gpu.wgmma_tail, static_cast<std::size_t>(std::max(gpu.wgmma_queue, 1.0))}));
    clusters_[block.cluster].warps += block.warps;
    for (const WarpTrace& one : trace->warps) {
      RunningWarp& warp = warps_.emplace_back();
      warp.trace = &one;
      warp.block = number;
      warp.in_block = warps_.size() - 1 - block.first_warp;
      warp.scheduler = (number / options.cluster * block.warps + warp.in_block) % schedulers;
    }
  }
  result_.reasons_by_instruction.resize(kernel.instructions.size());
  result_.cycles_by_instruction.resize(kernel.instructions.size());
  per_warp_.resize(warps_.size(), std::vector<std::array<float, reason_count>>(kernel.instructions.size()));
  executions_.resize(warps_.size(), std::vector<std::uint32_t>(kernel.instructions.size()));
  if (options.keep_issues) result_.issues.resize(warps_.size());
}

/// Warps that nobody will wake, each with what it waits for.
void Machine::stuck() const {
  std::string text;
  std::size_t more = 0;
  for (const RunningWarp& warp : warps_) {
    if (warp.done) continue;
    if (text.size() > 300) {
      ++more;
      continue;
    }
    const Step& step = warp.trace->steps[std::min(warp.next, warp.trace->steps.size() - 1)];
    const Instruction& in = kernel_.instructions[step.instruction];
    text += fmt::format("; warp {} of block {} at {:#06x} {}", warp.in_block, warp.block, in.address, in.text);
    if (warp.at_barrier >= 0) text += fmt::format(", in barrier {}", warp.at_barrier);
    if (in.op == Opcode::syncs && step.operation != no_access) {
      const std::uint32_t address = warp.trace->operations[step.operation].address & 0xffffff;
      text += fmt::format(", the mbarrier at {:#x}: {}", address, blocks_[warp.block].mbarriers.describe(address));
    }
  }
  if (more > 0) text += fmt::format("; and {} warps more", more);
  throw HarnessError(ExitCode::invalid, fmt::format("{}: warps wait for each other{}", kernel_.name, text));
}

Replay Machine::finish() {
  double written = 0;
  for (const RunningMultiprocessor& one : multiprocessors_) {
    written = std::max(written, one.memory.written());
    result_.dram_sectors += one.memory.dram_sectors;
    result_.l2_sectors += one.memory.l2_sectors;
  }
  result_.cycles = std::max(end_, written);
  // Where warps have roles, those that multiply tell what the time is spent on: that the others wait is their purpose.
  const auto multiplies = [&](std::size_t w) {
    for (std::size_t i = 0; i < kernel_.instructions.size(); ++i)
      if (kernel_.instructions[i].op == Opcode::hgmma && executions_[w][i] > 0) return true;
    return false;
  };
  std::vector<bool> counts(warps_.size());
  for (std::size_t w = 0; w < warps_.size(); ++w) counts[w] = multiplies(w);
  if (std::ranges::find(counts, true) == counts.end()) counts.assign(warps_.size(), true);
  std::size_t slowest = 0, shares = 0;
  for (std::size_t w = 0; w < warps_.size(); ++w)
    if (counts[w] && (!counts[slowest] || warps_[w].last > warps_[slowest].last)) slowest = w;
  result_.slowest_warp = static_cast<unsigned>(slowest);
  // Which warp of a block comes last is chance, and what it waits for another matter than what the rest does: the mean.
  const auto shared = [&](std::size_t w) { return counts[w] && warps_[w].block == warps_[slowest].block; };
  for (std::size_t w = 0; w < warps_.size(); ++w) shares += shared(w) ? 1 : 0;
  const double part = 1 / static_cast<double>(shares);
  for (std::size_t w = 0; w < warps_.size(); ++w) {
    if (!shared(w)) continue;
    for (std::size_t i = 0; i < kernel_.instructions.size(); ++i)
      for (std::size_t r = 0; r < reason_count; ++r) {
        const double cycles = part * per_warp_[w][i][r];
        result_.cycles_by_reason[r] += cycles;
        result_.reasons_by_instruction[i][r] += cycles;
        result_.cycles_by_instruction[i] += cycles;
      }
  }
  for (const std::uint32_t n : executions_[slowest]) result_.executions.push_back(n);
  return std::move(result_);
}

FirstReads first_reads(std::span<const BlockTrace> blocks) {
  FirstReads first;
  const auto add = [&](std::uint64_t number, std::size_t step) {
    const auto [entry, fresh] = first.try_emplace(number, static_cast<std::uint32_t>(step));
    if (!fresh) entry->second = std::min(entry->second, static_cast<std::uint32_t>(step));
  };
  for (const BlockTrace& block : blocks)
    for (const WarpTrace& warp : block.warps) {
      for (std::size_t s = 0; s < warp.steps.size(); ++s) {
        if (std::size_t at = warp.steps[s].operation; at != no_access) do
            if (warp.operations[at].kind == Operation::Kind::tma_load) add(warp.operations[at].box, s);
          while (warp.operations[at++].more);
        if (warp.steps[s].access == no_access) continue;
        const Access& access = warp.accesses[warp.steps[s].access];
        if (!access.address_known) continue;
        for (std::uint32_t i = 0; i < access.sectors; ++i) add(warp.sectors[access.first_sector + i] / 2, s);
      }
    }
  return first;
}

Replay replay(const SassKernel& kernel, std::span<const BlockTrace* const> blocks, const Gpu& gpu,
              const ReplayOptions& options) {
  return Machine(kernel, blocks, gpu, options).run();
}

}  // namespace kernelgate::predict

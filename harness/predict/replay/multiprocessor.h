#pragma once
// Replays what blocks do on one multiprocessor, or those of a cluster on as many, instruction by instruction, in order
// within each warp.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/predict/follow/follow_block.h"
#include "harness/predict/model/gpu.h"
#include "harness/predict/replay/reason.h"
#include "harness/predict/replay/replay_options.h"

namespace kernelgate::predict {

/// When one instruction of one warp was issued, how long after the one before it, and what most of that was.
struct Issue {
  std::uint32_t instruction = 0;
  float at = 0, waited = 0;
  Reason reason = Reason::issue;
};

FirstReads first_reads(std::span<const BlockTrace> blocks);

struct Replay {
  double cycles = 0;
  unsigned slowest_warp = 0;                            ///< over all blocks
  std::array<double, reason_count> cycles_by_reason{};  ///< the mean over the warps that share its work
  std::vector<double> cycles_by_instruction;            ///< the same, by the kernel's instructions
  std::vector<std::array<double, reason_count>> reasons_by_instruction;
  std::vector<std::uint64_t> executions;   ///< of the slowest warp
  std::vector<std::vector<Issue>> issues;  ///< of each warp, if they are kept
  std::uint64_t dram_sectors = 0, l2_sectors = 0;
};

/// All blocks start together. Those of a cluster follow each other, by their rank, and each is on a multiprocessor of
/// its own. Errors  HarnessError(invalid): something of which the model has no ground; warps that wait for each other,
/// with the instructions at which they do.
Replay replay(const SassKernel&, std::span<const BlockTrace* const> blocks, const Gpu&, const ReplayOptions&);

}  // namespace kernelgate::predict

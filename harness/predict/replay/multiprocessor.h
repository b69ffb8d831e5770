#pragma once
// Replays what blocks do on one multiprocessor, instruction by instruction, in order within each warp.

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "harness/predict/follow/follow_block.h"
#include "harness/predict/model/gpu.h"

namespace kernelgate::predict {

/// Why a warp did not issue its next instruction sooner.
enum class Reason {
  issue,
  scheduler,
  arithmetic,
  tensor,
  special,
  shared,
  global,
  async_copy,
  barrier,
  code,
  constants
};
inline constexpr std::size_t reason_count = 11;
const char* to_string(Reason);

/// When one instruction of one warp was issued, how long after the one before it, and what most of that was.
struct Issue {
  std::uint32_t instruction = 0;
  float at = 0, waited = 0;
  Reason reason = Reason::issue;
};

/// By 64 bytes of global memory: after how many of its steps a warp of the launch asks for them first, whichever block
/// it is of. What blocks read after each other comes from DRAM once.
using FirstReads = std::unordered_map<std::uint64_t, std::uint32_t>;
FirstReads first_reads(std::span<const BlockTrace> blocks);

struct ReplayOptions {
  bool cold = false;                      ///< nothing is in L2
  const FirstReads* elsewhere = nullptr;  ///< of blocks that run beside these; null: none
  double l2_bytes_per_cycle = 64;         ///< this multiprocessor's share
  bool keep_issues = false;
};

struct Replay {
  double cycles = 0;
  unsigned slowest_warp = 0;                            ///< over all blocks
  std::array<double, reason_count> cycles_by_reason{};  ///< the mean over the warps of its block
  std::vector<double> cycles_by_instruction;            ///< the same, by the kernel's instructions
  std::vector<std::array<double, reason_count>> reasons_by_instruction;
  std::vector<std::uint64_t> executions;   ///< of the slowest warp
  std::vector<std::vector<Issue>> issues;  ///< of each warp, if they are kept
  std::uint64_t dram_sectors = 0, l2_sectors = 0;
};

/// All blocks start together. Errors  HarnessError(invalid): something of which the model has no ground.
Replay replay(const SassKernel&, std::span<const BlockTrace* const> blocks, const Gpu&, const ReplayOptions&);

}  // namespace kernelgate::predict

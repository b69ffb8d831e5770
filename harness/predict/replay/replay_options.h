#pragma once
// What a replay is told of the launch around it.

#include <cstdint>
#include <unordered_map>

namespace kernelgate::predict {

/// By 64 bytes of global memory, or by a box: after how many of its steps a warp of the launch asks for them first,
/// whichever block it is of. What blocks read after each other comes from DRAM once.
using FirstReads = std::unordered_map<std::uint64_t, std::uint32_t>;

struct ReplayOptions {
  bool cold = false;                      ///< nothing is in L2
  bool boxes_from_dram = false;           ///< what TMA asks for first is not in L2, cold or not
  const FirstReads* elsewhere = nullptr;  ///< of blocks that run beside these; null: none
  double l2_bytes_per_cycle = 64;         ///< this multiprocessor's share
  double dram_bytes_per_cycle = 0;        ///< of boxes, of what it asks DRAM for; 0: no bound
  int registers = 0;                      ///< of a thread, when the block begins
  unsigned cluster = 1;                   ///< blocks that follow each other are one
  double previous_ends = 0;  ///< cycles from the beginning on until the kernel before has ended, for who waits for it
  bool keep_issues = false;
};

}  // namespace kernelgate::predict

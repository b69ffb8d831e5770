#pragma once
// How many clusters run at once.

#include <algorithm>
#include <cstdint>

namespace kernelgate::tile {

/// A cluster lies in one GPC. Of an H100 or H200 GPCs have 16 or 18 multiprocessors, so that of 132 only 128 take part
/// in clusters of four or eight.
///
/// Units   cluster: blocks, a power of two; one block to a multiprocessor.
/// Source  CUDA C++ Programming Guide, "Thread Block Clusters"; NVIDIA H100 architecture white paper: 8 GPCs of up
/// to 18.
inline std::int64_t cluster_places(int multiprocessors, unsigned cluster) {
  const std::int64_t all = std::max(1, multiprocessors), blocks = cluster;
  constexpr std::int64_t most_in_gpc = 18;
  const std::int64_t gpcs = (all + most_in_gpc - 1) / most_in_gpc, in_each = all / gpcs / 2 * 2;
  const std::int64_t left = blocks <= 2 ? (all - gpcs * in_each) / blocks : 0;
  return std::max<std::int64_t>(1, gpcs * (in_each / blocks) + left);
}

}  // namespace kernelgate::tile

#pragma once
// How long a product should take in tiles of one size, its K divided or not: what the kernels for mma choose by.

#include <algorithm>
#include <cstdint>
#include <limits>

#include "kernels/matmul/matmul.h"
#include "kernels/op/device.h"

namespace kernelgate {

inline std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// What a kernel does with a tile.
struct TileShape {
  int block_m, block_n, block_k, num_stages;
  int blocks;  ///< that a multiprocessor holds at the same time
};

inline std::int64_t tile_count(const Matmul::Problem& problem, int block_m, int block_n) {
  return ceil_div(problem.m, block_m) * ceil_div(problem.n, block_n) * problem.batch;
}

/// Products and sums of f16 that a multiprocessor does in a cycle by mma.sync, added up in f32.
///
/// Source  NVIDIA's tables of Tensor Cores: sm_80 2048; sm_75, 86, 89 and 120 1024 or, on a GeForce, half of that;
/// sm_90
///         a third less by mma.sync than its 4096 by wgmma (ptxas spaces them by 6 cycles, not 4); sm_100 as sm_80.
inline double mma_flop_a_cycle(const Device& device) {
  switch (device.compute_capability) {
    case 80:
    case 100:
      return 2048;
    case 90:
      return 2730;
    default:
      return 1024;
  }
}

/// In cycles, but for what is always the same. Chooses, no more; infinite where it can't be done.
///
/// Source  A multiprocessor takes about 36 bytes a cycle from L2 (A100: 5.4 TB/s; H100 the same), which answers in some
///         600 cycles; a block's start and end take some 2000; partial sums are written once and read once.
inline double mma_cycles(const Device& device, const Matmul::Problem& problem, const TileShape& tile, unsigned splits) {
  const std::int64_t tiles = tile_count(problem, tile.block_m, tile.block_n);
  const std::int64_t k_tiles = ceil_div(problem.k, tile.block_k), multiprocessors = std::max(1, device.multiprocessors);
  constexpr std::int64_t least_k_tiles = 4;  // of a part: fewer are all prologue
  if (splits > 1 && (tiles * splits > multiprocessors * tile.blocks || k_tiles < splits * least_k_tiles))
    return std::numeric_limits<double>::infinity();
  const double resident =
      static_cast<double>(std::clamp<std::int64_t>(ceil_div(tiles * splits, multiprocessors), 1, tile.blocks));
  const double rounds = static_cast<double>(ceil_div(tiles * splits, multiprocessors * tile.blocks));
  const double multiply = 2.0 * tile.block_m * tile.block_n * tile.block_k / mma_flop_a_cycle(device);
  const double load = (tile.block_m + tile.block_n) * tile.block_k * 2.0 / 36;
  const double wait = 600.0 / (tile.num_stages - 1);
  const double body =
      static_cast<double>(ceil_div(k_tiles, splits)) * std::max(resident * std::max(multiply, load), wait);
  const double add_up = splits == 1 ? 0 : 1500 + (1.0 + splits) * tile.block_m * tile.block_n * 4 / 36;
  return rounds * (body + 2000) + add_up;
}

}  // namespace kernelgate

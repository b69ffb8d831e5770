#pragma once
// Blocks that divide K: each leaves its sums in global memory, and the last one adds all of them up.

#include <array>
#include <bit>
#include <cstdint>

#include "kernels/simt/simt.h"
#include "kernels/tile/accumulators.h"

namespace kernelgate::tile {

/// A kernel's parameter. With one split nothing of it is used.
struct SplitK {
  float* partials;     ///< splits x tiles x the sums of a tile, in the order of the threads' registers
  unsigned* arrivals;  ///< for each tile, 0 before a launch and after it
  unsigned splits;     ///< into how many parts K is divided
  unsigned tiles;      ///< of the whole batch
};

inline namespace SIMT_SIDE {

/// By all threads of a block, when they have stored what they leave to others: whether it is the last one of `blocks`,
/// and so may read what all have left. `arrivals` is 0 before and after; `flag`: in shared memory, read until the next
/// barrier.
SIMT_DEVICE bool is_last_block(unsigned* arrivals, unsigned blocks, unsigned* flag, unsigned thread_idx) {
  simt::thread_fence();  // each thread's own: its stores are there before the block is counted
  simt::sync_threads();
  if (thread_idx == 0) simt::store_shared(flag, simt::atomic_inc(arrivals, blocks - 1));
  simt::sync_threads();
  if (simt::load_shared(flag) != blocks - 1) return false;
  simt::thread_fence();
  return true;
}

/// By all threads of a block, with the sums of its part of K. True for the block that comes last to a tile: its sums
/// are then those of all parts, added in the order of K whoever was last, so that the same input gives the same bits.
///
/// Units   smem: 4 bytes, which every warp must be done with; at the end, too.
template <class Grid>
SIMT_DEVICE bool add_up_parts(const SplitK& split, unsigned part, unsigned tile, Accumulators<Grid>& sums,
                              unsigned char* smem, unsigned thread_idx) {
  constexpr int fragments_m = Grid::WARP_M / 16, fragments_n = Grid::WARP_N / 8;
  constexpr std::int64_t tile_floats = Grid::BLOCK_M * Grid::BLOCK_N;
  // Neighbouring threads have neighbouring places.
  float* const begin = split.partials + tile * tile_floats + thread_idx * 4;
  const std::int64_t part_floats = split.tiles * tile_floats;
  const auto place = [&](unsigned of, int i, int j) {
    return begin + of * part_floats + (i * fragments_n + j) * (Grid::threads * 4);
  };
  SIMT_UNROLL
  for (int i = 0; i < fragments_m; ++i) {
    SIMT_UNROLL
    for (int j = 0; j < fragments_n; ++j) {
      const float(&d)[4] = sums.d[i][j];
      simt::store_global_16(place(part, i, j), std::bit_cast<simt::Vec4>(std::array{d[0], d[1], d[2], d[3]}));
    }
  }
  const bool is_last =
      is_last_block(split.arrivals + tile, split.splits, reinterpret_cast<unsigned*>(smem), thread_idx);
  simt::sync_threads();  // all have read the flag
  if (!is_last) return false;

  sums.clear();
  for (unsigned of = 0; of < split.splits; ++of) {
    SIMT_UNROLL
    for (int i = 0; i < fragments_m; ++i) {
      SIMT_UNROLL
      for (int j = 0; j < fragments_n; ++j) {
        const auto loaded = std::bit_cast<std::array<float, 4>>(simt::load_global_16_written(place(of, i, j)));
        SIMT_UNROLL
        for (int e = 0; e < 4; ++e) sums.d[i][j][e] += loaded[static_cast<std::size_t>(e)];
      }
    }
  }
  return true;
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile

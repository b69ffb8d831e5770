#pragma once
// The end of a kernel whose output is a matrix: sums in registers become rows in global memory.

#include <cstdint>

#include "kernels/op/f16.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/accumulators.h"
#include "kernels/tile/swizzled_tile.h"

namespace kernelgate::tile {
inline namespace SIMT_SIDE {

/// Where a block's tile of C goes.
struct OutputTile {
  f16* begin;                            ///< its first element
  std::int64_t ld;                       ///< from row to row of C
  std::int64_t rows_left, columns_left;  ///< elements of C from the first one on; more than the tile has or fewer
  bool aligned;                          ///< every row of C begins at a multiple of 16 bytes
};

/// Rounds to f16 and stores, through shared memory, so that global memory is written in whole rows. Rows and columns
/// outside C are not written.
///
/// Units   smem: BLOCK_M * BLOCK_N * 2 bytes, which every warp of the block must be done with.
template <class Grid>
SIMT_DEVICE void store_f16(const Accumulators<Grid>& accumulators, const OutputTile& output, unsigned char* smem,
                           unsigned thread_idx) {
  using Tile = SwizzledTile<Grid::BLOCK_M, Grid::BLOCK_N>;
  const unsigned warp_idx = thread_idx / 32, lane_idx = thread_idx % 32;
  SIMT_UNROLL
  for (int i = 0; i < Grid::WARP_M / 16; ++i) {
    SIMT_UNROLL
    for (int j = 0; j < Grid::WARP_N / 8; ++j) {
      SIMT_UNROLL
      for (int half = 0; half < 2; ++half) {
        const int row = Grid::warp_m(warp_idx) + accumulators.row(i, half, lane_idx);
        const int chunk = (Grid::warp_n(warp_idx) + j * 8) / 8;
        unsigned char* to = smem + Tile::offset(row, chunk) + lane_idx % 4 * 4;
        const float(&d)[4] = accumulators.d[i][j];
        simt::store_shared(reinterpret_cast<std::uint32_t*>(to), simt::pack_f16x2(d[half * 2], d[half * 2 + 1]));
      }
    }
  }
  simt::sync_threads();

  if (output.aligned) {
    for (int i = static_cast<int>(thread_idx); i < Grid::BLOCK_M * Tile::row_chunks; i += Grid::threads) {
      const int row = i / Tile::row_chunks, chunk = i % Tile::row_chunks;
      if (row < output.rows_left && chunk * 8 < output.columns_left)  // aligned rows end with a whole chunk
        simt::store_global_16(output.begin + row * output.ld + chunk * 8,
                              simt::load_shared(reinterpret_cast<const simt::Vec4*>(smem + Tile::offset(row, chunk))));
    }
  } else {
    // Two neighbours of every row_step-th row: one column and one step for all that a thread stores.
    constexpr unsigned pairs = Grid::BLOCK_N / 2, row_step = Grid::threads / pairs;
    static_assert(Grid::threads % pairs == 0 && Grid::BLOCK_M % row_step == 0);
    const int column = static_cast<int>(thread_idx % pairs * 2), first = static_cast<int>(thread_idx / pairs);
    f16* to = output.begin + first * output.ld + column;
    SIMT_UNROLL
    for (int i = 0; i < Grid::BLOCK_M; i += static_cast<int>(row_step), to += row_step * output.ld) {
      const int row = first + i;
      const std::uint32_t pair = simt::load_shared(
          reinterpret_cast<const std::uint32_t*>(smem + Tile::offset(row, column / 8) + column % 8 * 2));
      if (row >= output.rows_left) continue;
      if (column < output.columns_left) simt::store_global(to, f16{static_cast<std::uint16_t>(pair)});
      if (column + 1 < output.columns_left) simt::store_global(to + 1, f16{static_cast<std::uint16_t>(pair >> 16)});
    }
  }
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile

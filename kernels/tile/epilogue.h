#pragma once
// The end of a kernel whose output is a matrix: sums in registers become rows in global memory.

#include <cstdint>

#include "kernels/op/f16.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/accumulators.h"
#include "kernels/tile/element.h"
#include "kernels/tile/swizzled_tile.h"

namespace kernelgate::tile {
inline namespace SIMT_SIDE {

/// Where a block's tile of C goes.
struct OutputTile {
  f16* begin;                            ///< its first element
  std::int64_t ld;                       ///< from row to row of C, which are as long
  std::int64_t rows_left, columns_left;  ///< elements of C from the first one on; more than the tile has or fewer
  unsigned alignment;                    ///< of each row's begin: 16, 8, 4 or 2 bytes
};

/// Neighbouring threads store neighbouring pieces of a row. Rows are whole pieces long.
template <class Tile, int THREADS, class Piece>
SIMT_DEVICE void store_pieces(const OutputTile& output, const unsigned char* smem, unsigned thread_idx) {
  constexpr unsigned elements = sizeof(Piece) / 2, row_pieces = Tile::row_chunks * 8 / elements;
  for (unsigned i = thread_idx; i < Tile::rows * row_pieces; i += THREADS) {
    const int row = static_cast<int>(i / row_pieces), column = static_cast<int>(i % row_pieces * elements);
    if (row >= output.rows_left || column >= output.columns_left) continue;
    const auto* const from =
        reinterpret_cast<const Piece*>(smem + Tile::offset(row, column / 8) + static_cast<unsigned>(column) % 8 * 2);
    simt::store_global(reinterpret_cast<Piece*>(output.begin + row * output.ld + column), simt::load_shared(from));
  }
}

/// By THREADS threads: a tile of rounded elements goes from shared memory to C, in pieces as long as C's rows are
/// aligned. Rows and columns outside C are not written.
///
/// Types   Tile: a SwizzledTile.
template <class Tile, int THREADS>
SIMT_DEVICE void store_tile(const OutputTile& output, const unsigned char* smem, unsigned thread_idx) {
  // Three ways, not four: of four nvcc makes a table of jumps, or spills.
  if (output.alignment >= 16) return store_pieces<Tile, THREADS, simt::Vec4>(output, smem, thread_idx);
  if (output.alignment >= 4) return store_pieces<Tile, THREADS, std::uint32_t>(output, smem, thread_idx);
  return store_pieces<Tile, THREADS, f16>(output, smem, thread_idx);
}

/// Rounds and stores, through shared memory, so that global memory is written in whole rows.
///
/// Units   smem: BLOCK_M * BLOCK_N * 2 bytes, which every warp of the block must be done with.
template <Type TYPE, class Grid>
SIMT_DEVICE void store_rounded(const Accumulators<Grid>& accumulators, const OutputTile& output, unsigned char* smem,
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
        simt::store_shared(reinterpret_cast<std::uint32_t*>(to), pack_pair<TYPE>(d[half * 2], d[half * 2 + 1]));
      }
    }
  }
  simt::sync_threads();
  store_tile<Tile, Grid::threads>(output, smem, thread_idx);
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile

#pragma once
// What a warp needs of A and B for one step of 16 along K, in registers.

#include <cstdint>

#include "kernels/op/type.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/accumulators.h"

namespace kernelgate::tile {
inline namespace SIMT_SIDE {

/// Types   Grid: a WarpGrid, or what derives from it.
template <class Grid>
struct WarpFragments {
  std::uint32_t a[Grid::WARP_M / 16][4];
  std::uint32_t b[Grid::WARP_N / 16][4];  // two fragments of 8 columns each

  /// From the tiles at `smem_a` and `smem_b`: the warp's rows from `m` and its columns from `n` on, at `k`.
  ///
  /// Types   TileA, TileB: OperandTile, or what has its load_a and load_b.
  template <class TileA, class TileB>
  SIMT_DEVICE void load(const unsigned char* smem_a, const unsigned char* smem_b, int m, int n, int k,
                        unsigned lane_idx) {
    SIMT_UNROLL
    for (int i = 0; i < Grid::WARP_M / 16; ++i) TileA::load_a(a[i], smem_a, m + i * 16, k, lane_idx);
    SIMT_UNROLL
    for (int j = 0; j < Grid::WARP_N / 16; ++j) TileB::load_b(b[j], smem_b, n + j * 16, k, lane_idx);
  }

  /// Adds their product.
  template <Type TYPE>
  SIMT_DEVICE void multiply(Accumulators<Grid>& sums) const {
    SIMT_UNROLL
    for (int i = 0; i < Grid::WARP_M / 16; ++i) {
      SIMT_UNROLL
      for (int j = 0; j < Grid::WARP_N / 16; ++j) sums.template multiply<TYPE>(i, j, a[i], b[j]);
    }
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile

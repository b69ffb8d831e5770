#pragma once
// What a warp needs of A and B for one step of 16 along K, in registers.

#include <cstdint>

#include "kernels/op/type.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/accumulators.h"

namespace kernelgate::tile {
inline namespace SIMT_SIDE {

/// A's are there twice, so that the next step's come while this one's are multiplied. B's are there once: 16 columns
/// are loaded again as soon as they are multiplied. Twice of both would be more registers than a thread has.
///
/// Types   Grid: a WarpGrid, or what derives from it. TileA, TileB: OperandTile, or what has its load_a and load_b.
template <class Grid, class TileA, class TileB>
struct WarpFragments {
  std::uint32_t a[2][Grid::WARP_M / 16][4];
  std::uint32_t b[Grid::WARP_N / 16][4];  // two fragments of 8 columns each

  /// Where a step's operands are: tiles at `smem_a` and `smem_b`, and the step's first k.
  struct From {
    const unsigned char *smem_a, *smem_b;
    int k;
  };

  /// A step that has an even number.
  ///
  /// Units   m, n: the warp's first row and column in the tiles.
  SIMT_DEVICE void load(const From& from, int m, int n, unsigned lane_idx) {
    load_a(0, from, m, lane_idx);
    SIMT_UNROLL
    for (int j = 0; j < Grid::WARP_N / 16; ++j) TileB::load_b(b[j], from.smem_b, n + j * 16, from.k, lane_idx);
  }

  /// Adds the product of step `step`, and loads the next one if there is one.
  template <Type TYPE>
  SIMT_DEVICE void multiply(Accumulators<Grid>& sums, int step, bool more, const From& next, int m, int n,
                            unsigned lane_idx) {
    if (more) load_a((step + 1) % 2, next, m, lane_idx);
    SIMT_UNROLL
    for (int j = 0; j < Grid::WARP_N / 16; ++j) {
      SIMT_UNROLL
      for (int i = 0; i < Grid::WARP_M / 16; ++i) sums.template multiply<TYPE>(i, j, a[step % 2][i], b[j]);
      if (more) TileB::load_b(b[j], next.smem_b, n + j * 16, next.k, lane_idx);
    }
  }

 private:
  SIMT_DEVICE void load_a(int into, const From& from, int m, unsigned lane_idx) {
    SIMT_UNROLL
    for (int i = 0; i < Grid::WARP_M / 16; ++i) TileA::load_a(a[into][i], from.smem_a, m + i * 16, from.k, lane_idx);
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile

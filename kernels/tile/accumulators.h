#pragma once
// The sums that a warp keeps in registers, and which elements of its tile they are.

#include <cstdint>

#include "kernels/op/type.h"
#include "kernels/simt/simt.h"

namespace kernelgate::tile {
inline namespace SIMT_SIDE {

/// WARP_M x WARP_N sums in f32, as the d of mma_m16n8k16: 16 rows by 8 columns each.
///
/// Types   Grid: a WarpGrid, or what derives from it.
template <class Grid>
struct Accumulators {
  float d[Grid::WARP_M / 16][Grid::WARP_N / 8][4];

  SIMT_DEVICE void clear() {
    SIMT_UNROLL
    for (auto& row : d) {
      SIMT_UNROLL
      for (auto& fragment : row) {
        SIMT_UNROLL
        for (float& value : fragment) value = 0;
      }
    }
  }

  /// Adds the product of A's 16 rows from 16 i and B's 16 columns from 16 j on, over 16 k: what OperandTile loads.
  ///
  /// Types   TYPE: of A and B, f16 or bf16.
  template <Type TYPE = Type::f16>
  SIMT_DEVICE void multiply(int i, int j, const std::uint32_t (&a)[4], const std::uint32_t (&b)[4],
                            simt::Where where = simt::Where::current()) {
    const std::uint32_t left[2] = {b[0], b[1]}, right[2] = {b[2], b[3]};
    if constexpr (TYPE == Type::bf16) {
      simt::mma_m16n8k16_bf16(d[i][2 * j], a, left, where);
      simt::mma_m16n8k16_bf16(d[i][2 * j + 1], a, right, where);
    } else {
      simt::mma_m16n8k16(d[i][2 * j], a, left, where);
      simt::mma_m16n8k16(d[i][2 * j + 1], a, right, where);
    }
  }

  /// Lane `lane_idx` keeps in d[i][j][2 * half] the element (row, column) of the warp's tile, and its right neighbour
  /// in d[i][j][2 * half + 1].
  SIMT_HOST_DEVICE static constexpr int row(int i, int half, unsigned lane_idx) {
    return i * 16 + half * 8 + static_cast<int>(lane_idx / 4);
  }
  SIMT_HOST_DEVICE static constexpr int column(int j, unsigned lane_idx) {
    return j * 8 + static_cast<int>(lane_idx % 4 * 2);
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile

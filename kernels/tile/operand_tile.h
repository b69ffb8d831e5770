#pragma once
// A tile of A or B in shared memory, and the fragments that mma_m16n8k16 takes of it.

#include <cstdint>

#include "kernels/simt/simt.h"
#include "kernels/tile/swizzled_tile.h"

namespace kernelgate::tile {
inline namespace SIMT_SIDE {

/// MN x K elements, MN being M for A and N for B, in the order that they have in global memory: rows of K (MAJOR k) or
/// rows of MN (MAJOR mn), which ldmatrix transposes.
template <int MN, int K, simt::Major MAJOR>
struct OperandTile : SwizzledTile<MAJOR == simt::Major::k ? MN : K, MAJOR == simt::Major::k ? K : MN> {
  using OperandTile::SwizzledTile::offset;

  /// The fragment of A's 16 rows from `m` and its 16 k from `k` on: both multiples of 16 within the tile.
  ///
  /// Errors  host: those of ldmatrix_x4. By a whole warp.
  SIMT_DEVICE static void load_a(std::uint32_t (&a)[4], const unsigned char* smem, int m, int k, unsigned lane_idx,
                                 simt::Where where = simt::Where::current()) {
    const int matrix = static_cast<int>(lane_idx / 8),
              row = static_cast<int>(lane_idx % 8);  // (m 0-7, k 0-7), (m 8-15, k 0-7), (m 0-7, k 8-15), ...
    if constexpr (MAJOR == simt::Major::k) {
      simt::ldmatrix_x4(a, smem + offset(m + matrix % 2 * 8 + row, k / 8 + matrix / 2), where);
    } else {
      simt::ldmatrix_x4_trans(a, smem + offset(k + matrix / 2 * 8 + row, m / 8 + matrix % 2), where);
    }
  }

  /// The fragments of B's 8 columns from `n` on, in b[0] and b[1], and of the next 8, in b[2] and b[3].
  ///
  /// Errors  host: as load_a.
  SIMT_DEVICE static void load_b(std::uint32_t (&b)[4], const unsigned char* smem, int n, int k, unsigned lane_idx,
                                 simt::Where where = simt::Where::current()) {
    const int matrix = static_cast<int>(lane_idx / 8),
              row = static_cast<int>(lane_idx % 8);  // (n 0-7, k 0-7), (n 0-7, k 8-15), (n 8-15, k 0-7), ...
    if constexpr (MAJOR == simt::Major::k) {
      simt::ldmatrix_x4(b, smem + offset(n + matrix / 2 * 8 + row, k / 8 + matrix % 2), where);
    } else {
      simt::ldmatrix_x4_trans(b, smem + offset(k + matrix % 2 * 8 + row, n / 8 + matrix / 2), where);
    }
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile

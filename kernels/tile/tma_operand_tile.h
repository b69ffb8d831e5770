#pragma once
// A tile of A or B as TMA brings it to shared memory, for warps that multiply by mma.

#include <cstdint>

#include "kernels/simt/simt.h"
#include "kernels/tile/operand_tile.h"
#include "kernels/tile/wgmma_operand.h"

namespace kernelgate::tile {
inline namespace SIMT_SIDE {

/// As WgmmaOperand, in boxes of 64 elements by rows: TMA's swizzle of 128 bytes is SwizzledTile's.
template <int MN, int K, simt::Major MAJOR>
struct TmaOperandTile : WgmmaOperand<MN, K, MAJOR> {
  using Whole = WgmmaOperand<MN, K, MAJOR>;
  static_assert(Whole::box_columns == 64);
  using Box = OperandTile<Whole::k_major ? MN : 64, Whole::k_major ? 64 : K, MAJOR>;

  /// Errors  host: as OperandTile's. By a whole warp.
  SIMT_DEVICE static void load_a(std::uint32_t (&a)[4], const unsigned char* smem, int m, int k, unsigned lane_idx,
                                 simt::Where where = simt::Where::current()) {
    Box::load_a(a, box_of(smem, m, k), Whole::k_major ? m : m % 64, Whole::k_major ? k % 64 : k, lane_idx, where);
  }
  SIMT_DEVICE static void load_b(std::uint32_t (&b)[4], const unsigned char* smem, int n, int k, unsigned lane_idx,
                                 simt::Where where = simt::Where::current()) {
    Box::load_b(b, box_of(smem, n, k), Whole::k_major ? n : n % 64, Whole::k_major ? k % 64 : k, lane_idx, where);
  }

 private:
  SIMT_DEVICE static const unsigned char* box_of(const unsigned char* smem, int mn, int k) {
    return smem + (Whole::k_major ? k : mn) / 64 * Whole::box_bytes;
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile

#pragma once
// How the warps of a block divide its tile of the output.

#include "kernels/simt/config.h"

namespace kernelgate::tile {
inline namespace SIMT_SIDE {

/// WARPS_M x WARPS_N warps, row by row, each with WARP_M x WARP_N of the block's elements. A kernel's Config derives
/// from it.
template <int BLOCK_M_, int BLOCK_N_, int WARPS_M_, int WARPS_N_>
struct WarpGrid {
  static constexpr int BLOCK_M = BLOCK_M_, BLOCK_N = BLOCK_N_;
  static constexpr int WARPS_M = WARPS_M_, WARPS_N = WARPS_N_;
  static constexpr int WARP_M = BLOCK_M / WARPS_M, WARP_N = BLOCK_N / WARPS_N;
  static constexpr int threads = WARPS_M * WARPS_N * 32;
  static_assert(BLOCK_M % (16 * WARPS_M) == 0 && BLOCK_N % (16 * WARPS_N) == 0, "a warp multiplies 16 by 16");

  /// The first row and the first column of a warp, within the block's.
  SIMT_HOST_DEVICE static constexpr int warp_m(unsigned warp_idx) {
    return static_cast<int>(warp_idx / WARPS_N * WARP_M);
  }
  SIMT_HOST_DEVICE static constexpr int warp_n(unsigned warp_idx) {
    return static_cast<int>(warp_idx % WARPS_N * WARP_N);
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile

#pragma once
// What the roles of sm90a_im2col share: a tile's sizes, the launch's parameters, a block's shared memory and its tiles.

#include <cstdint>

#include "kernels/conv2d/conv_params.h"
#include "kernels/conv2d/im2col_phases.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/divisor.h"
#include "kernels/tile/mbarrier_ring.h"
#include "kernels/tile/wgmma_operand.h"

namespace kernelgate::conv2d {
inline namespace SIMT_SIDE {

/// A tile is BLOCK_M pixels by BLOCK_N channels of y, 64 for each warpgroup.
template <int BLOCK_M_, int GROUPS, int NUM_STAGES>
struct Im2colConfig {
  static constexpr int BLOCK_M = BLOCK_M_, BLOCK_N = 64 * GROUPS, BLOCK_K = 64;
  static constexpr int num_stages = NUM_STAGES;
  static constexpr int groups = GROUPS;
  static constexpr int math_threads = 128 * GROUPS, threads = math_threads + 64;

  static constexpr int smem_x_bytes = BLOCK_M * BLOCK_K * 2, smem_w_bytes = BLOCK_N * BLOCK_K * 2;
  static constexpr int stage_bytes = smem_x_bytes + smem_w_bytes;
  /// Floats from one pixel's sums to the next one's: neighbouring lanes have channels next to each other, and every
  /// fourth a pixel two further on, which is 8 banks.
  static constexpr int sums_ld = BLOCK_N + 4;
  static constexpr int sums_bytes = BLOCK_M * sums_ld * 4;
  static constexpr int smem_bytes =
      num_stages * stage_bytes + sums_bytes + BLOCK_M * 4 + static_cast<int>(sizeof(tile::MbarrierRing<num_stages>));
  static_assert(smem_bytes <= static_cast<int>(simt::max_shared_bytes_of(9, 0)));
  static_assert(smem_x_bytes % 1024 == 0 && smem_w_bytes % 1024 == 0, "swizzles begin anew");
  static_assert(BLOCK_M <= math_threads, "a thread for each pixel");
};

constexpr unsigned most_im2col_splits = simt::max_cluster_blocks;

struct Im2colParams {
  simt::TensorMap x[most_phases];
  simt::TensorMap skip[most_phases];  ///< of the second input, where there is one
  simt::TensorMap w;
  ConvParams conv;
  Phase phases[most_phases];
  int num_phases, channel_k_tiles;  ///< of a tap
  tile::Divisor by_channel_k_tiles;
  int x_k_tiles;  ///< of a tap, those that the first input has
  int tiles, tiles_n;
  unsigned splits;      ///< blocks of a cluster; with more than one the grid has a cluster for each tile
  unsigned log_splits;  ///< to the base of 2
  bool in_fours;  ///< four channels of y, residual and bias from a multiple of four on are at a multiple of 8 bytes
  simt::CacheHint w_again = simt::CacheHint::evict_normal;  ///< for the filter: whether other tiles read the same
};

template <class C, bool TRANSPOSED>
struct Im2colOperands {
  static constexpr simt::Major w_major = TRANSPOSED ? simt::Major::mn : simt::Major::k;
  using TileX = tile::WgmmaOperand<C::BLOCK_M, C::BLOCK_K, simt::Major::k>;
  using TileW = tile::WgmmaOperand<C::BLOCK_N, C::BLOCK_K, w_major>;
  static constexpr simt::WgmmaForm form{.a = w_major, .b = simt::Major::k};
};

/// A tile, and a block's share of its reduction; the last k-tile is not in it.
struct Im2colTile {
  int phase, first_pixel, first_channel;
  int first_k_tile, last_k_tile;
};

/// A block's shared memory, and what its roles share. Grid: x = the blocks of a cluster, y = those that take tiles.
template <class C, bool TRANSPOSED>
struct Im2colBlock {
  using Operands = Im2colOperands<C, TRANSPOSED>;

  const Im2colParams& p;
  unsigned char* smem;
  unsigned rank;

  SIMT_DEVICE unsigned char* smem_w(int stage) const { return smem + stage * C::stage_bytes; }
  SIMT_DEVICE unsigned char* smem_x(int stage) const { return smem_w(stage) + C::smem_w_bytes; }
  SIMT_DEVICE float* sums() const { return reinterpret_cast<float*>(smem_w(C::num_stages)); }
  SIMT_DEVICE int* output_pixels() const { return reinterpret_cast<int*>(smem_w(C::num_stages) + C::sums_bytes); }
  SIMT_DEVICE tile::MbarrierRing<C::num_stages>& ring() const {
    return *reinterpret_cast<tile::MbarrierRing<C::num_stages>*>(output_pixels() + C::BLOCK_M);
  }

  /// act(tile), for each tile of this block: one phase after the other, and one column of pixel tiles after the other.
  /// Forward there is one phase, so that its figures are at known places among the parameters.
  template <class Act>
  SIMT_DEVICE void for_each_tile(Act act) const {
    for (int i = static_cast<int>(simt::block_idx().y); i < p.tiles; i += static_cast<int>(simt::grid_dim().y)) {
      int phase = 0, within = i;
      if constexpr (TRANSPOSED)
        while (within >= p.phases[phase].tiles_m * p.tiles_n) within -= p.phases[phase++].tiles_m * p.tiles_n;
      const Phase& at = p.phases[phase];
      const int n = at.by_tiles_m.quotient(within);
      const auto share = [&](unsigned of) { return static_cast<int>(of) * at.k_tiles >> p.log_splits; };
      act(Im2colTile{phase, (within - n * at.tiles_m) * C::BLOCK_M, n * C::BLOCK_N, share(rank), share(rank + 1)});
    }
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d

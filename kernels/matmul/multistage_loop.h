#pragma once
// The main loop of the kernels that bring their tiles to shared memory with cp.async: a ring of stages feeds ldmatrix
// and mma.

#include <bit>
#include <cstdint>

#include "kernels/matmul/layout.h"
#include "kernels/matmul/tile_loader.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/accumulators.h"
#include "kernels/tile/operand_tile.h"
#include "kernels/tile/stage_ring.h"
#include "kernels/tile/warp_fragments.h"
#include "kernels/tile/warp_grid.h"

namespace kernelgate {
inline namespace SIMT_SIDE {

/// What such a kernel is compiled for. BLOCKS: how many blocks a multiprocessor should hold at least, which is what
/// ptxas plans registers for.
template <int BLOCK_M, int BLOCK_N, int BLOCK_K_, int WARPS_M, int WARPS_N, int NUM_STAGES, int BLOCKS>
struct MultistageConfig : tile::WarpGrid<BLOCK_M, BLOCK_N, WARPS_M, WARPS_N> {
  static constexpr int BLOCK_K = BLOCK_K_;
  static constexpr int num_stages = NUM_STAGES;
  static constexpr int blocks_per_multiprocessor = BLOCKS;
  static constexpr int smem_a_bytes = BLOCK_M * BLOCK_K * 2, smem_b_bytes = BLOCK_N * BLOCK_K * 2;
  static constexpr int smem_bytes = num_stages * (smem_a_bytes + smem_b_bytes);
  static_assert(BLOCK_K % 32 == 0 && num_stages >= 2);
  static_assert(BLOCK_M * BLOCK_N * 2 <= smem_bytes, "the epilogue stages C where A and B were");
};

/// The tiles of A and B and who brings them. ALIGN: as TileLoader has it, for both.
template <class C, Layout LAYOUT, int ALIGN>
struct MultistageOperands {
  static constexpr simt::Major a_major = a_transposed(LAYOUT) ? simt::Major::mn : simt::Major::k;
  static constexpr simt::Major b_major = b_transposed(LAYOUT) ? simt::Major::k : simt::Major::mn;
  using TileA = tile::OperandTile<C::BLOCK_M, C::BLOCK_K, a_major>;
  using TileB = tile::OperandTile<C::BLOCK_N, C::BLOCK_K, b_major>;
  using LoaderA = TileLoader<TileA, a_major, ALIGN, C::threads, C::num_stages - 1>;
  using LoaderB = TileLoader<TileB, b_major, ALIGN, C::threads, C::num_stages - 1>;
};

/// By all threads of a block: adds the product of `num_k_tiles` tiles to `sums`. While a stage is multiplied, the next
/// ones are on their way from global memory, and the fragments of the next 16 along K on theirs from shared memory.
///
/// At its end no copy is under way, and no warp reads shared memory any more.
template <Type TYPE, class Tiles, class C>
SIMT_DEVICE void multistage_loop(typename Tiles::LoaderA& loader_a, typename Tiles::LoaderB& loader_b, int num_k_tiles,
                                 unsigned char* smem, tile::Accumulators<C>& sums, unsigned thread_idx) {
  const auto smem_a = [smem](int stage) { return smem + stage * C::smem_a_bytes; };
  const auto smem_b = [smem](int stage) { return smem + C::num_stages * C::smem_a_bytes + stage * C::smem_b_bytes; };
  const unsigned lane_idx = thread_idx % 32, warp_idx = thread_idx / 32;
  const int warp_m = C::warp_m(warp_idx), warp_n = C::warp_n(warp_idx);
  constexpr int k_steps = C::BLOCK_K / 16;
  static_assert(k_steps % 2 == 0, "the next tile's first fragments must land where step 0 looks for them");
  using Fragments = tile::WarpFragments<C, typename Tiles::TileA, typename Tiles::TileB>;
  Fragments fragments;
  const auto from = [&](int stage, int step) {
    return typename Fragments::From{smem_a(stage), smem_b(stage), step * 16};
  };

  SIMT_UNROLL
  for (int stage = 0; stage < C::num_stages - 1; ++stage) {
    if (stage < num_k_tiles) {
      loader_a.start(smem_a(stage), stage);
      loader_b.start(smem_b(stage), stage);
    }
    simt::cp_async_commit();  // an empty group too, so that the count in cp_async_wait stays right
  }
  SIMT_UNROLL
  for (int stage = 0; stage < C::num_stages - 1; ++stage) {  // when all are under way: their latencies are one
    if (stage < num_k_tiles) {
      loader_a.finish(smem_a(stage), stage);
      loader_b.finish(smem_b(stage), stage);
    }
  }
  simt::cp_async_wait<C::num_stages - 2>();
  simt::sync_threads();
  if (num_k_tiles > 0) fragments.load(from(0, 0), warp_m, warp_n, lane_idx);

  tile::StageRing<C::num_stages> ring;
  int free_stage = C::num_stages - 1;
  for (int k_tile = 0; k_tile < num_k_tiles; ++k_tile) {
    const bool more_to_start = k_tile + C::num_stages - 1 < num_k_tiles;
    const int stage = ring.stage;
    ring.advance();
    SIMT_UNROLL
    for (int step = 0; step < k_steps; ++step) {
      if (step == 0) {
        // All warps are past the barrier behind their last read of this stage.
        if (more_to_start) {
          loader_a.start(smem_a(free_stage));
          loader_b.start(smem_b(free_stage));
        }
        simt::cp_async_commit();
      }
      if (step + 1 < k_steps) {
        fragments.template multiply<TYPE>(sums, step, true, from(stage, step + 1), warp_m, warp_n, lane_idx);
        continue;
      }
      if (more_to_start) {
        loader_a.finish(smem_a(free_stage));
        loader_b.finish(smem_b(free_stage));
      }
      simt::cp_async_wait<C::num_stages - 2>();
      simt::sync_threads();
      fragments.template multiply<TYPE>(sums, step, k_tile + 1 < num_k_tiles, from(ring.stage, 0), warp_m, warp_n,
                                        lane_idx);
    }
    free_stage = stage;
  }
}

/// The largest power of two up to 16 that divides the address of every row.
///
/// Units   bytes; ld: elements.
inline unsigned row_alignment(const f16* matrix, std::int64_t ld) {
  const auto bits = reinterpret_cast<std::uintptr_t>(matrix) | static_cast<std::uintptr_t>(ld * 2) | 16;
  return 1u << std::countr_zero(bits);
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate

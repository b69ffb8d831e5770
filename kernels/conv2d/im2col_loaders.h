#pragma once
// The two loading roles of sm90a_im2col: one brings the filter, the other one the image.

#include <cstdint>

#include "kernels/conv2d/im2col_block.h"
#include "kernels/conv2d/im2col_maps.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/stage_ring.h"

namespace kernelgate::conv2d {
inline namespace SIMT_SIDE {

/// A place in a tile's reduction: a tap, and a tile of its channels.
struct KStep {
  int channel_tiles, taps_w;
  int channel_tile, j_h, j_w;

  SIMT_DEVICE KStep(const Im2colParams& p, const Phase& phase, int k_tile)
      : channel_tiles(p.channel_k_tiles), taps_w(phase.walks.columns.taps) {
    const int tap = p.by_channel_k_tiles.quotient(k_tile);
    channel_tile = k_tile - tap * channel_tiles;
    j_h = phase.by_taps_w.quotient(tap), j_w = tap - j_h * taps_w;
  }
  SIMT_DEVICE void advance() {
    if (++channel_tile < channel_tiles) return;
    channel_tile = 0;
    if (++j_w < taps_w) return;
    j_w = 0;
    ++j_h;
  }
};

/// What of_tile(tile) returns, as load(where in the reduction, stage), for each stage that a block needs, when it is
/// empty: in the first round all are, and nobody asks. begin() comes before the first load, and behind a branch that
/// keeps ptxas from putting it before what of_tile works out.
template <class C, bool TRANSPOSED, class Begin, class OfTile>
SIMT_DEVICE void for_each_stage(const Im2colBlock<C, TRANSPOSED>& block, Begin begin, OfTile of_tile) {
  tile::StageRing<C::num_stages> slot;
  int unused = C::num_stages;
  block.for_each_tile([&](const Im2colTile& tile) {
    KStep at(block.p, block.p.phases[tile.phase], tile.first_k_tile);
    const auto load = of_tile(tile);
    for (int k_tile = tile.first_k_tile; k_tile < tile.last_k_tile; ++k_tile, slot.advance(), at.advance()) {
      if (unused == C::num_stages) begin();
      if (unused > 0)
        --unused;
      else
        block.ring().wait_empty(slot);
      load(at, slot.stage);
    }
  });
}

/// By one thread. The filter does not depend on the kernel before this one, so this role does not wait for it.
template <class C, bool TRANSPOSED>
SIMT_DEVICE void load_filters(const Im2colBlock<C, TRANSPOSED>& block) {
  const Im2colParams& p = block.p;
  for_each_stage(
      block, [] {},
      [&](const Im2colTile& tile) {
        const Walks& walks = p.phases[tile.phase].walks;
        const int first_channel = tile.first_channel, taps_w = p.conv.s;
        const int first_r = walks.rows.first_tap, step_r = walks.rows.tap_step;
        const int first_s = walks.columns.first_tap, step_s = walks.columns.tap_step;
        return [=, &block](const KStep& at, int stage) {
          simt::Mbarrier* const full = &block.ring().full[stage];
          simt::mbarrier_arrive_expect_tx(full, C::smem_w_bytes);
          const int tap = (first_r + at.j_h * step_r) * taps_w + first_s + at.j_w * step_s;
          Im2colBlock<C, TRANSPOSED>::Operands::TileW::load(block.smem_w(stage), block.p.w, full, first_channel,
                                                            at.channel_tile * C::BLOCK_K, tap, 0, block.p.w_again);
        };
      });
}

/// By one thread, which first works out where to begin, and then waits for the kernel before this one.
template <class C, bool TRANSPOSED>
SIMT_DEVICE void load_images(const Im2colBlock<C, TRANSPOSED>& block) {
  const Im2colParams& p = block.p;
  for_each_stage(
      block, [] { simt::grid_dependency_wait(); },
      [&](const Im2colTile& tile) {
        const Phase& phase = p.phases[tile.phase];
        const Pixel first(phase, tile.first_pixel);
        const int w = phase.columns.lower + first.j * phase.walks.columns.input_step, n = first.n;
        const int h = phase.rows.lower + first.i * phase.walks.rows.input_step;
        const Im2colAxis rows = phase.rows, columns = phase.columns;
        const int x_k_tiles = p.x_k_tiles, of_phase = tile.phase;
        return [=, &block](const KStep& at, int stage) {
          simt::Mbarrier* const full = &block.ring().full[stage];
          simt::mbarrier_arrive_expect_tx(full, C::smem_x_bytes);
          const simt::Im2colOffsets offsets{static_cast<std::uint16_t>(columns.offset(at.j_w)),
                                            static_cast<std::uint16_t>(rows.offset(at.j_h))};
          const bool second = at.channel_tile >= x_k_tiles;
          simt::tma_load_im2col_4d(block.smem_x(stage), second ? block.p.skip[of_phase] : block.p.x[of_phase], full,
                                   (second ? at.channel_tile - x_k_tiles : at.channel_tile) * C::BLOCK_K, w, h, n,
                                   offsets, simt::CacheHint::evict_last);
        };
      });
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d

#pragma once
// The power of a fine tile to features, and what looks at the whole clip.

#include "kernels/mel/fine_config.h"
#include "kernels/mel/fine_params.h"
#include "kernels/mel/fine_tables.h"
#include "kernels/mel/fused_filters.cuh"
#include "kernels/mel/fused_tile.cuh"
#include "kernels/simt/simt.h"

namespace kernelgate::mel {
inline namespace SIMT_SIDE {

/// To `smem_features` as [filter][frame]. A thread sums a filter for four frames. Returns its highest feature.
template <class C>
SIMT_DEVICE float filter_fine_tile(const FusedParams& p, const FineParams& fine, int thread_idx, int count,
                                   const float* smem_tables, const float* smem_power, float* smem_features) {
  const auto* filters = reinterpret_cast<const FilterEntry*>(smem_tables + fine.filters_at);
  const auto* weights = reinterpret_cast<const Four*>(smem_tables + fine.weights_at);
  const int quad = thread_idx & ((1 << fine.quad_lanes_log2) - 1);
  float highest = p.lowest;
  if (4 * quad >= count) return highest;
  const auto* power = reinterpret_cast<const Four*>(smem_power) + quad * C::BINS;
  float* to = smem_features + 4 * quad;
  SIMT_NO_UNROLL
  for (int m = thread_idx >> fine.quad_lanes_log2; m < p.n_mels; m += C::threads >> fine.quad_lanes_log2) {
    const auto filter = simt::load_shared(filters + m);
    const Four* weight = weights + (filter.groups_and_weights >> 8);
    const Four* from = power + filter.begin;
    float sum[4] = {};
    SIMT_NO_UNROLL
    for (unsigned group = filter.groups_and_weights & 0xffu; group > 0; --group, ++weight, from += 4) {
      const Four w = simt::load_shared(weight);
      SIMT_UNROLL
      for (int bin = 0; bin < 4; ++bin) {
        const Four x = simt::load_shared(from + bin);
        SIMT_UNROLL
        for (int f = 0; f < 4; ++f) sum[f] = simt::fma(w.v[bin], x.v[f], sum[f]);
      }
    }
    Four v;
    SIMT_UNROLL
    for (int f = 0; f < 4; ++f) {
      v.v[f] = feature_of(p, sum[f]);
      if (p.limits_range && 4 * quad + f < count) highest = simt::max_propagating_nan(highest, v.v[f]);
    }
    simt::store_shared(reinterpret_cast<Four*>(to + m * C::feature_stride(p.tile)), v);
  }
  return highest;
}

/// The largest of the clip's features, whose blocks are a cluster, lets no feature be below what this returns. All
/// threads of all of its blocks; it is a barrier for each block, too. Two rounds' values lie in different halves of the
/// scratch: a block that is ahead may not overwrite what another one has still to read.
template <class C>
SIMT_DEVICE float floor_of_cluster(const FusedParams& p, int thread_idx, float highest, unsigned round,
                                   float* smem_scratch) {
  constexpr int blocks = 8;
  for (unsigned mask = 16; mask > 0; mask /= 2)
    highest = simt::max_propagating_nan(highest, simt::shuffle_xor(highest, mask));
  float* values = smem_scratch + round % 2 * (blocks * C::warps);
  if (round == 0) simt::cluster_wait();
  if (const int lane_idx = thread_idx % 32; lane_idx < blocks)
    simt::store_cluster(simt::map_shared_rank(values + simt::cluster_rank() * C::warps + thread_idx / 32,
                                              static_cast<unsigned>(lane_idx)),
                        highest);
  simt::cluster_sync();
  static_assert(blocks * C::warps == 4 * 32);
  const Four four = simt::load_shared(reinterpret_cast<const Four*>(values) + thread_idx % 32);
  highest = simt::max_propagating_nan(simt::max_propagating_nan(four.v[0], four.v[1]),
                                      simt::max_propagating_nan(four.v[2], four.v[3]));
  for (unsigned mask = 16; mask > 0; mask /= 2)
    highest = simt::max_propagating_nan(highest, simt::shuffle_xor(highest, mask));
  return simt::max_propagating_nan(p.lowest, highest - p.dynamic_range);
}

/// What filter_fine_tile left in shared memory, to global memory. All threads, behind a barrier.
template <class C>
SIMT_DEVICE void store_fine_tile(const FusedParams& p, const FineParams& fine, int thread_idx, const Tile& tile,
                                 float floor, const float* smem_features, Extremes& extremes) {
  const int frame = thread_idx & ((1 << fine.frame_lanes_log2) - 1);
  if (frame >= tile.count) return;
  const float* from = smem_features + frame;
  const std::int64_t to = tile.clip.features + tile.first + frame;
  SIMT_NO_UNROLL
  for (int m = thread_idx >> fine.frame_lanes_log2; m < p.n_mels; m += C::threads >> fine.frame_lanes_log2) {
    float v = simt::load_shared(from + m * C::feature_stride(p.tile));
    if (p.limits_range) {
      v = v >= floor ? v : floor;  // NaN where the floor is
      extremes.take(v, v);
    }
    store_feature(p, to + m * tile.clip.frames, v);
  }
}

/// Whether the block's next tile is of another clip, or there is none.
SIMT_DEVICE bool ends_visit(const FusedParams& p, const Tile& tile, unsigned slot, unsigned round) {
  const auto end = static_cast<unsigned>(tile.clip.first_tile + tile.clip.tiles);
  return round + 1 >= p.rounds || slot + (1u << p.cluster_log2) >= end;
}

/// Blocks, or clusters, that have tiles of the clip, one or several.
SIMT_DEVICE unsigned visits_of(const FusedParams& p, const Tile& tile) {
  const auto first = static_cast<unsigned>(tile.clip.first_tile) >> p.cluster_log2;
  const auto last = static_cast<unsigned>(tile.clip.first_tile + tile.clip.tiles - 1) >> p.cluster_log2;
  return last / p.rounds - first / p.rounds + 1;
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::mel

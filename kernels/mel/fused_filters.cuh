#pragma once
// The power of a tile to features, and what looks at the whole clip.

#include "kernels/mel/fused_params.h"
#include "kernels/mel/fused_tables.cuh"
#include "kernels/op/f16.h"
#include "kernels/simt/simt.h"

namespace kernelgate::mel {
inline namespace SIMT_SIDE {

/// Larger for larger values, largest for NaN, never 0.
SIMT_DEVICE std::uint32_t ordered_bits(float value) {
  if (value != value) return 0xffffffffu;
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return bits >> 31 ? ~bits : bits | 0x80000000u;
}
SIMT_DEVICE float from_ordered_bits(std::uint32_t bits) {
  return std::bit_cast<float>(bits >> 31 ? bits ^ 0x80000000u : ~bits);
}

/// What the clip's highest feature so far lets no feature be below. NaN once one was.
SIMT_DEVICE float clip_floor(const FusedParams& p, std::uint32_t highest) {
  return highest == 0 ? p.lowest : simt::max_propagating_nan(p.lowest, from_ordered_bits(highest) - p.dynamic_range);
}

/// A NaN stays, so that the clip's highest becomes one.
SIMT_DEVICE float raised(float value, float floor) { return value < floor ? floor : value; }

SIMT_DEVICE void store_feature(const FusedParams& p, std::int64_t at, float value) {
  if (p.features_f16)
    simt::store_global(static_cast<f16*>(p.features) + at, simt::to_f16_rn(value));
  else
    simt::store_global(static_cast<float*>(p.features) + at, value);
}

/// As another block may have written it.
SIMT_DEVICE float load_feature(const FusedParams& p, std::int64_t at) {
  if (!p.features_f16) return simt::load_global_written(static_cast<const float*>(p.features) + at);
  // Whole words are read: which half it is, the address says.
  const auto address = reinterpret_cast<std::uintptr_t>(static_cast<const f16*>(p.features) + at);
  const unsigned word = simt::load_global_written(reinterpret_cast<const unsigned*>(address & ~std::uintptr_t{3}));
  return address & 2 ? simt::high_half(word) : simt::low_half(word);
}

/// Behind the logarithm and within its limits.
SIMT_DEVICE float feature_of(const FusedParams& p, float sum) {
  const float v = p.logarithm ? simt::fma(p.log2_scale, simt::log2_approx(sum + p.log_add), p.log_offset) : sum;
  return simt::min_propagating_nan(simt::max_propagating_nan(v, p.lowest), p.highest);
}

/// Of a tile's features, where there is a dynamic range.
struct Extremes {
  float highest, lowest;

  SIMT_DEVICE void take(float high, float low) {
    highest = simt::max_propagating_nan(highest, high);
    lowest = low < lowest ? low : lowest;
  }
};

template <bool SHARED>
SIMT_DEVICE void add_bin(BinWeights& sum, const BinWeights* weights, const float* power) {
  const BinWeights w = load_table<SHARED>(weights);
  const float v = simt::load_shared(power);
  sum.falling = simt::fma(w.falling, v, sum.falling);
  sum.rising = simt::fma(w.rising, v, sum.rising);
}

/// What bins bin .. end - 1, one segment, give to the filter below and to that above; `power` steps by `stride` from
/// bin to bin. The first, third, ... are summed by themselves, and the others: by one lane, or, where the frames' lanes
/// leave half a warp, by two. So the sums are the same whatever the tile.
template <bool SHARED>
SIMT_DEVICE BinWeights sum_segment(int bin, int end, const BinWeights* weights, const float* power, int stride,
                                   bool two_lanes) {
  BinWeights first, second;
  if (two_lanes) {
    for (bin += static_cast<int>(simt::lane_idx() / 16); bin < end; bin += 2)
      add_bin<SHARED>(first, weights + bin, power + bin * stride);
    second = {simt::shuffle_xor(first.falling, 16), simt::shuffle_xor(first.rising, 16)};
  } else {
    for (; bin + 1 < end; bin += 2) {
      add_bin<SHARED>(first, weights + bin, power + bin * stride);
      add_bin<SHARED>(second, weights + bin + 1, power + (bin + 1) * stride);
    }
    if (bin < end) add_bin<SHARED>(first, weights + bin, power + bin * stride);
  }
  return {first.falling + second.falling, first.rising + second.rising};
}

/// Filter sums of `count` frames, whose power is at power[bin * stride + frame], to global memory; or, where the
/// features are frame by frame, as [frame][n_mels | 1] to `smem_rows`. Lanes are frames, as many as the tile has, and
/// groups of filters beside them; a bin is read once for both filters that it feeds. SHARED: the weights are in shared
/// memory.
template <bool SHARED>
SIMT_DEVICE void filter_tile(const FusedParams& p, int thread_idx, const FilterTable& table, const BinWeights* weights,
                             const float* power, int stride, std::int64_t features, std::int64_t frames, int count,
                             float floor, float* smem_rows, Extremes& extremes) {
  const bool two_lanes = p.filter_lanes != p.frame_lanes;
  const int group = thread_idx / p.filter_lanes, frame = thread_idx & (p.frame_lanes - 1);
  // The second of two lanes has the same sums, and nothing to write.
  const bool writes = frame < count && (thread_idx & (p.filter_lanes - 1)) == frame;
  if (!two_lanes && !writes) return;
  const int begin = table.first_filter[group], end = table.first_filter[group + 1];
  if (begin == end) return;
  power += frame < count ? frame : 0;  // a lane without a frame must not meet the others' banks
  int bin = table.begin[begin], next = table.begin[begin + 1];
  float rising = sum_segment<SHARED>(bin, next, weights, power, stride, two_lanes).rising;
  for (int m = begin; m < end; ++m) {
    bin = next;
    next = table.begin[m + 2];
    const BinWeights sum = sum_segment<SHARED>(bin, next, weights, power, stride, two_lanes);
    float v = feature_of(p, rising + sum.falling);
    rising = sum.rising;
    if (!writes) continue;
    if (p.limits_range) {
      v = raised(v, floor);
      extremes.take(v, v);
    }
    if (p.frame_major)
      simt::store_shared(smem_rows + frame * (p.n_mels | 1) + m, v);
    else
      store_feature(p, features + m * frames + frame, v);
  }
}

/// What filter_tile left in shared memory, to [frame][filter]. All threads, behind a barrier.
SIMT_DEVICE void store_rows(const FusedParams& p, int thread_idx, const float* smem_rows, std::int64_t features,
                            int count) {
  const int threads = static_cast<int>(simt::block_dim().x);
  for (int i = thread_idx; i < count * p.n_mels; i += threads) {
    const int frame = i / p.n_mels, m = i - frame * p.n_mels;
    store_feature(p, features + i, simt::load_shared(smem_rows + frame * (p.n_mels | 1) + m));
  }
}

/// Of all threads, in thread 0. `smem_scratch` holds two values a warp.
SIMT_DEVICE Extremes reduce_block(Extremes own, int thread_idx, float* smem_scratch) {
  for (unsigned mask = 16; mask > 0; mask /= 2) {
    const float highest = simt::shuffle_xor(own.highest, mask), lowest = simt::shuffle_xor(own.lowest, mask);
    own.take(highest, lowest);
  }
  if (thread_idx % 32 == 0) {
    simt::store_shared(smem_scratch + thread_idx / 32 * 2, own.highest);
    simt::store_shared(smem_scratch + thread_idx / 32 * 2 + 1, own.lowest);
  }
  simt::sync_threads();
  if (thread_idx == 0)
    for (unsigned warp_idx = 1; warp_idx < simt::block_dim().x / 32; ++warp_idx)
      own.take(simt::load_shared(smem_scratch + 2 * warp_idx), simt::load_shared(smem_scratch + 2 * warp_idx + 1));
  return own;
}

/// Raises what of one tile is below `floor`, by one warp; a feature below it is found in a tile only if that was
/// written before its clip's highest was known.
SIMT_DEVICE void raise_tile(const FusedParams& p, int lane_idx, std::int64_t features, std::int64_t frames,
                            std::int64_t first, int count, float floor) {
  const bool rows = p.frame_major;
  const int per_row = rows ? p.n_mels : count, row_count = rows ? count : p.n_mels;
  const std::int64_t step = rows ? p.n_mels : frames;
  const std::int64_t begin = features + (rows ? first * p.n_mels : first);
  constexpr int at_once = 8;  // so that their loads are under way together
  for (int column = lane_idx; column < per_row; column += 32)
    for (int row = 0; row < row_count; row += at_once) {
      float v[at_once];
      SIMT_UNROLL
      for (int i = 0; i < at_once; ++i)
        if (row + i < row_count) v[i] = load_feature(p, begin + (row + i) * step + column);
      SIMT_UNROLL
      for (int i = 0; i < at_once; ++i)
        if (row + i < row_count && !(v[i] >= floor)) store_feature(p, begin + (row + i) * step + column, floor);
    }
}

/// A tile is stored: what others must know of it. All threads; behind it and before the scratch has another use a
/// barrier.
SIMT_DEVICE void note_tile(const FusedParams& p, int thread_idx, std::int64_t clip_idx, std::int64_t tile_idx,
                           Extremes own, float* smem_scratch) {
  own = reduce_block(own, thread_idx, smem_scratch);
  if (thread_idx != 0) return;
  simt::store_global(p.tile_lowest + tile_idx, own.lowest);
  simt::atomic_max(&p.state[clip_idx].highest, ordered_bits(own.highest));
}

/// The clip's highest is known once its last block has come this far, or, of clusters, the last block of each rank:
/// they raise what the others wrote too early, and leave the state as they found it. All threads of every block of the
/// clip, behind note_tile; a barrier must follow before the scratch has another use. `groups`: how often blocks, or
/// clusters, come here with this clip.
SIMT_DEVICE void finish_clip(const FusedParams& p, int thread_idx, const Clip& clip, std::int64_t clip_idx,
                             unsigned groups, bool waits_for_all, float* smem_scratch) {
  const unsigned cluster = 1u << p.cluster_log2;
  ClipState* state = p.state + clip_idx;
  auto* smem_last = reinterpret_cast<unsigned*>(smem_scratch + 64);  // what says whether this one is the last
  const bool leader = thread_idx == 0;
  if (leader && !waits_for_all) simt::thread_fence();
  if (!waits_for_all) return;
  // Each rank counts for itself: where all clusters' blocks of one rank have come, all blocks of these clusters have.
  if (cluster > 1) simt::cluster_sync();
  const unsigned rank = cluster > 1 ? simt::cluster_rank() : 0;
  if (leader) {
    simt::thread_fence();  // for what the cluster's other blocks wrote, too
    simt::store_shared(smem_last, simt::atomic_inc(&state->done[rank], groups - 1) == groups - 1 ? 1u : 0u);
  }
  simt::sync_threads();
  if (simt::load_shared(smem_last) == 0) return;
  simt::thread_fence();
  const float floor = clip_floor(p, simt::load_global_written(&state->highest));
  const auto warps = static_cast<std::int64_t>(simt::block_dim().x / 32);
  for (std::int64_t tile = rank * warps + thread_idx / 32; tile < clip.tiles; tile += warps * cluster) {
    const std::int64_t first = tile * p.tile, left = clip.frames - first;
    // Not ">= floor" turned round: a NaN floor is for every tile.
    if (left <= 0 || simt::load_global_written(p.tile_lowest + clip.first_tile + tile) >= floor) continue;
    raise_tile(p, thread_idx % 32, clip.features, clip.frames, first, static_cast<int>(left < p.tile ? left : p.tile),
               floor);
  }
  simt::sync_threads();  // all have read the state
  // Of the ranks' last blocks the last one.
  if (leader && simt::atomic_inc(&state->raised, cluster - 1) == cluster - 1) simt::store_global(&state->highest, 0u);
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::mel

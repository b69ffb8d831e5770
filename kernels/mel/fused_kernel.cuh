#pragma once
// The kernel whose lanes, 8 to 32 of them, take a frame: every n_fft, and batches.

#include "kernels/mel/fused_audio.cuh"
#include "kernels/mel/fused_filters.cuh"
#include "kernels/mel/fused_params.h"
#include "kernels/mel/fused_tile.cuh"
#include "kernels/mel/fused_transform.cuh"
#include "kernels/simt/simt.h"

namespace kernelgate::mel {
inline namespace SIMT_SIDE {

/// Its audio to shared memory, but for the first `there` samples, and the tables if they are not there yet.
template <class C>
SIMT_DEVICE void stage_tile(const FusedParams& p, int thread_idx, const Tile& tile, int there, bool has_tables,
                            std::byte* smem, float* smem_audio) {
  const int hop = C::HOP == 0 ? p.hop : C::HOP;
  const std::int64_t begin = tile.first * hop - p.lead + there;
  const AudioSpan span = audio_span(p, tile.clip, begin, (tile.count - 1) * hop + C::N_FFT - there);
  smem_audio += staged_at<C>(there);
  AudioRound round;
  load_round(p, thread_idx, tile.clip, span, round);
  if (!has_tables) stage_tables<C>(p.tables, thread_idx, smem);  // while the audio is under way
  store_round<C>(p, thread_idx, span, round, smem_audio);
  stage_rest<C>(p, thread_idx, tile.clip, span, smem_audio);
}

/// Its spectra to features.
template <class C>
SIMT_DEVICE Extremes finish_tile(const FusedParams& p, int thread_idx, const FilterTable& filters, const Tile& tile,
                                 const BinWeights* weights, const float* smem_work, float* smem_rows) {
  Extremes extremes{p.lowest, p.highest};
  const float floor =
      p.limits_range ? clip_floor(p, simt::load_global_written(&p.state[tile.clip_idx].highest)) : p.lowest;
  const std::int64_t features = tile.clip.features + (p.frame_major ? tile.first * p.n_mels : tile.first);
  filter_tile<C::TABLES_SHARED>(p, thread_idx, filters, weights, smem_work, C::POWER_STRIDE, features, tile.clip.frames,
                                tile.count, floor, smem_rows, extremes);
  if (p.frame_major) {
    simt::sync_threads();
    store_rows(p, thread_idx, smem_rows, features, tile.count);
  }
  return extremes;
}

/// What the next tile shares with this one, to where it will begin. Behind the last read of the tile's audio.
template <class C>
SIMT_DEVICE void keep_overlap(const FusedParams& p, int thread_idx, float* smem_audio) {
  const float* from = smem_audio + p.tile * (C::HOP + C::GAP);
  const int step = 4 * static_cast<int>(simt::block_dim().x);
  for (int i = 4 * thread_idx; i < C::OVERLAP; i += step)
    simt::store_shared(reinterpret_cast<Four*>(smem_audio + staged_at<C>(i)),
                       simt::load_shared(reinterpret_cast<const Four*>(from + staged_at<C>(i))));
}

/// The thread's number, as if it were another one each time: what a step derives from it is not kept for the next step,
/// nor for the next tile.
SIMT_DEVICE int thread_anew() { return static_cast<int>(simt::opaque(simt::linear_thread_idx())); }

template <class C>
SIMT_KERNEL(C::max_threads, C::min_blocks)
void mel_fused(const SIMT_GRID_CONSTANT FusedParams p, const SIMT_GRID_CONSTANT FilterTable filters) {
  auto* smem = simt::dynamic_shared<std::byte>();
  float* smem_audio = reinterpret_cast<float*>(smem + C::TABLE_BYTES);
  float* smem_work = smem_audio + C::span_floats(p.tile, C::HOP == 0 ? p.hop : C::HOP);
  float* smem_rows = smem_work + C::work_floats(p.tile);
  const FusedTables tables = tables_at<C>(p.tables, smem);
  bool has_tables = false, has_overlap = false;
  SIMT_NO_UNROLL
  for (unsigned round = 0; round < p.rounds; ++round) {
    const unsigned slot = slot_at(p, round);
    if (slot >= p.tiles) break;
    const Tile staged = tile_at(p, slot);
    const int count = staged.count;
    if (count > 0) {
      stage_tile<C>(p, thread_anew(), staged, has_overlap ? C::OVERLAP : 0, has_tables, smem, smem_audio);
      has_overlap = is_followed(p, staged, slot);
      has_tables = true;
      simt::sync_threads();
      transform_tile<C, C::TABLES_SHARED>(p, thread_anew(), tables, count, smem_audio, smem_work);
      if (has_overlap) keep_overlap<C>(p, thread_anew(), smem_audio);
    }
    simt::sync_threads();
    const int thread_idx = thread_anew();
    // Worked out anew, from the round where the slot, kept across the transform, is a register too many. Elsewhere
    // ptxas spills the other one, and `predict` can't follow what it makes of this.
    const unsigned same_slot = C::N_FFT == 1024 ? slot_at(p, simt::opaque(round)) : simt::opaque(slot);
    const Tile tile = tile_at(p, same_slot);
    Extremes extremes{p.lowest, p.highest};
    if (tile.count > 0) extremes = finish_tile<C>(p, thread_idx, filters, tile, tables.weights, smem_work, smem_rows);
    if (p.limits_range) {
      simt::sync_threads();  // the scratch was power; audio may be kept
      note_tile(p, thread_idx, tile.clip_idx, tile.clip.first_tile + tile.number, extremes, smem_work);
      finish_clip(p, thread_idx, tile.clip, tile.clip_idx, static_cast<unsigned>(tile.clip.tiles) >> p.cluster_log2,
                  p.end_frame < 0, smem_work);
    }
  }
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::mel

#pragma once
// The kernel whose frames are cut into small transforms: n_fft 400 and 800, features filter by filter.

#include "kernels/mel/fine_audio.cuh"
#include "kernels/mel/fine_filters.cuh"
#include "kernels/mel/fine_params.h"
#include "kernels/mel/fine_transform.cuh"
#include "kernels/mel/fused_tile.cuh"
#include "kernels/simt/simt.h"

namespace kernelgate::mel {
inline namespace SIMT_SIDE {

/// The thread's number, as if it were another one each time: what a step derives from it is not kept for the next step.
SIMT_DEVICE int fine_thread() { return static_cast<int>(simt::opaque(simt::thread_idx().x)); }

/// Where a block's shared memory has what.
template <class C>
struct FineMemory {
  float *scratch, *tables, *audio, *first, *second;

  SIMT_DEVICE FineMemory(const FusedParams& p, const FineParams& fine) {
    scratch = simt::dynamic_shared<float>();
    tables = scratch + C::SCRATCH_FLOATS;
    audio = tables + 4 * fine.table_fours;
    first = audio + C::audio_floats(p.tile);
    second = first + C::region_floats(p.tile, p.n_mels, true);
  }
  SIMT_DEVICE Complex* first_values() const { return reinterpret_cast<Complex*>(first); }
  SIMT_DEVICE Complex* second_values() const { return reinterpret_cast<Complex*>(second); }
  SIMT_DEVICE float* power() const { return C::COLUMNS == 10 ? second : first; }
  SIMT_DEVICE float* features() const { return C::COLUMNS == 10 ? first : second; }
};

/// What the next tile shares with this one, to where it will begin. Behind the last read of the tile's audio.
template <class C>
SIMT_DEVICE void keep_fine_overlap(const FusedParams& p, int thread_idx, float* smem_audio) {
  const float* from = smem_audio + p.tile * C::AUDIO_HOP;
  for (int i = 2 * thread_idx; i < C::audio_at(C::OVERLAP); i += 2 * C::threads)
    simt::store_shared(reinterpret_cast<Complex*>(smem_audio + i),
                       simt::load_shared(reinterpret_cast<const Complex*>(from + i)));
}

/// From the audio of a tile to its power; a barrier between two steps, none behind the last.
template <class C>
SIMT_DEVICE void transform_fine_tile(const FusedParams& p, const FineParams& fine, int count, bool keeps_overlap,
                                     const FineMemory<C>& smem) {
  column_fours<C>(smem.tables + fine.window_at, fine_thread(), count, smem.audio, smem.first_values());
  simt::sync_threads();
  if (keeps_overlap) keep_fine_overlap<C>(p, fine_thread(), smem.audio);
  column_fives<C>(smem.tables + fine.twiddles_at, fine_thread(), count, smem.first_values(), smem.second_values());
  simt::sync_threads();
  const Complex* spectrum = smem.first_values();
  if constexpr (C::COLUMNS == 10) {
    rows_of_ten<C>(fine_thread(), count, smem.second_values(), smem.first_values());
  } else {
    row_fours<C>(fine_thread(), count, smem.second_values(), smem.first_values());
    simt::sync_threads();
    row_fives<C>(fine_thread(), count, smem.first_values(), smem.second_values());
    spectrum = smem.second_values();
  }
  simt::sync_threads();
  unpack_tile<C>(p, fine_thread(), count, reinterpret_cast<const PairEntry*>(smem.tables), spectrum, smem.power());
}

/// From the clip to the power in shared memory. Returns whether the next tile finds its first samples there.
template <class C>
SIMT_DEVICE bool take_fine_tile(const FusedParams& p, const FineParams& fine, unsigned slot, bool& has_tables,
                                bool has_overlap, const FineMemory<C>& smem) {
  const Tile tile = tile_at(p, slot);
  if (tile.count <= 0) return false;
  stage_fine_audio<C>(p, fine, fine_thread(), tile, has_overlap ? C::OVERLAP : 0, !has_tables, smem.tables, smem.audio);
  has_tables = true;
  const int count = tile.count;
  const bool keeps_overlap = is_followed(p, tile, slot);
  simt::sync_threads();
  transform_fine_tile<C>(p, fine, count, keeps_overlap, smem);
  return keeps_overlap;
}

template <class C>
SIMT_KERNEL(C::threads, C::min_blocks)
void mel_fine(const SIMT_GRID_CONSTANT FusedParams p, const SIMT_GRID_CONSTANT FineParams fine) {
  const FineMemory<C> smem(p, fine);
  if (fine.clip_in_cluster) simt::cluster_arrive_relaxed();  // for the first exchange: the others have started
  bool has_tables = false, has_overlap = false;
  SIMT_NO_UNROLL
  for (unsigned round = 0; round < p.rounds; ++round) {
    const unsigned slot = slot_at(p, round);
    if (slot >= p.tiles) break;
    has_overlap = take_fine_tile<C>(p, fine, slot, has_tables, has_overlap, smem);
    simt::sync_threads();
    const int thread_idx = fine_thread();
    // Computed again: nothing of it is kept across the transform.
    const Tile tile = tile_at(p, simt::opaque(slot));
    const bool in_cluster = fine.clip_in_cluster;
    float floor = p.lowest;
    if (p.limits_range && !in_cluster) {
      std::uint32_t known = 0;
      if (thread_idx % 32 == 0) known = simt::load_global_written(&p.state[tile.clip_idx].highest);
      floor = clip_floor(p, simt::shuffle(known, 0));
    }
    float highest = filter_fine_tile<C>(p, fine, thread_idx, tile.count, smem.tables, smem.power(), smem.features());
    if (in_cluster)
      floor = floor_of_cluster<C>(p, thread_idx, highest, round, smem.scratch);
    else
      simt::sync_threads();
    Extremes extremes{highest, p.highest};
    store_fine_tile<C>(p, fine, thread_idx, tile, floor, smem.features(), extremes);
    if (!p.limits_range || in_cluster) continue;
    note_tile(p, thread_idx, tile.clip_idx, tile.clip.first_tile + tile.number, extremes, smem.scratch);
    if (!ends_visit(p, tile, slot, round)) continue;
    finish_clip(p, thread_idx, tile.clip, tile.clip_idx, visits_of(p, tile), p.end_frame < 0, smem.scratch);
    simt::sync_threads();  // the scratch has another use
  }
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::mel

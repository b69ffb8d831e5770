#pragma once
// From spectra in global memory to features, a kernel for each step: what comes behind a transform that is not fused.

#include <algorithm>
#include <memory>

#include "kernels/mel/fused_filters.cuh"
#include "kernels/mel/fused_plan.h"
#include "kernels/mel/mel.h"
#include "kernels/simt/simt.h"

namespace kernelgate::mel {
inline namespace SIMT_SIDE {

inline constexpr int step_threads = 256;

/// The spectra of a batch.
struct Spectra {
  const float* power;   ///< [clips][bins][frames]
  std::int64_t frames;  ///< of a clip
  int bins;
};

/// A thread takes a feature.
SIMT_KERNEL(step_threads)
void mel_filter(const SIMT_GRID_CONSTANT FusedParams p, const SIMT_GRID_CONSTANT FilterTable table, Spectra s,
                std::int64_t features) {
  const std::int64_t i = std::int64_t{simt::block_idx().x} * step_threads + simt::linear_thread_idx();
  if (i >= features) return;
  const std::int64_t t = i % s.frames, row = i / s.frames, clip = row / p.n_mels;
  const int m = static_cast<int>(row % p.n_mels);
  const float* power = s.power + clip * s.bins * s.frames + t;
  float sums[2];
  for (int side = 0; side < 2; ++side) {  // rising in its own segment, falling in the next
    float sum = 0;
    const int end = table.begin[m + side + 1];
    for (int bin = table.begin[m + side]; bin < end; ++bin) {
      const BinWeights* both = p.tables.weights + bin;
      const float weight = simt::load_global(side == 0 ? &both->rising : &both->falling);
      sum = simt::fma(weight, simt::load_global(power + bin * s.frames), sum);
    }
    sums[side] = sum;
  }
  store_feature(p, i, feature_of(p, sums[0] + sums[1]));
}

/// Of a part of one clip; states must be zero.
SIMT_KERNEL(step_threads)
void mel_highest(const SIMT_GRID_CONSTANT FusedParams p, std::int64_t per_clip, unsigned blocks) {
  float* smem_scratch = simt::dynamic_shared<float>();
  const std::int64_t clip = simt::block_idx().x / blocks;
  Extremes own{p.lowest, p.highest};
  for (std::int64_t i = simt::block_idx().x % blocks * std::int64_t{step_threads} + simt::linear_thread_idx();
       i < per_clip; i += std::int64_t{blocks} * step_threads)
    own.take(load_feature(p, clip * per_clip + i), p.highest);
  own = reduce_block(own, static_cast<int>(simt::linear_thread_idx()), smem_scratch);
  if (simt::linear_thread_idx() == 0) simt::atomic_max(&p.state[clip].highest, ordered_bits(own.highest));
}

SIMT_KERNEL(step_threads)
void mel_floor(const SIMT_GRID_CONSTANT FusedParams p, std::int64_t per_clip, std::int64_t features) {
  const std::int64_t i = std::int64_t{simt::block_idx().x} * step_threads + simt::linear_thread_idx();
  if (i >= features) return;
  const float floor = clip_floor(p, simt::load_global(&p.state[i / per_clip].highest));
  const float v = load_feature(p, i);
  store_feature(p, i, v >= floor ? v : floor);  // NaN where the floor is
}

/// Filters, logarithm, and what looks at the clip's largest feature.
inline Launch features_of_spectra(const std::shared_ptr<FusedPlan>& plan, const Mel::Problem& problem,
                                  const Spectra& spectra) {
  const std::int64_t features = problem.feature_count(), per_clip = features / problem.clips;
  const auto blocks_of = [](std::int64_t count) {
    return static_cast<unsigned>((count + step_threads - 1) / step_threads);
  };
  const unsigned parts = std::min(blocks_of(per_clip), 64u), clips = static_cast<unsigned>(problem.clips);
  const simt::LaunchShape filter{{blocks_of(features)}, {step_threads}, 0, "mel_filter"};
  const simt::LaunchShape floor{{blocks_of(features)}, {step_threads}, 0, "mel_floor"};
  const simt::LaunchShape highest{{clips * parts}, {step_threads}, 2 * 4 * step_threads / 32, "mel_highest"};
  return [=](Stream stream) {
    const FusedParams& p = plan->params;
    simt::launch(mel_filter, filter, stream, p, plan->filters, spectra, features);
    if (!p.limits_range) return;
    plan->state().fill(0, stream);
    simt::launch(mel_highest, highest, stream, p, per_clip, parts);
    simt::launch(mel_floor, floor, stream, p, per_clip, features);
  };
}

/// What the steps above, behind any transform, can take.
inline Support supports_steps(const Mel::Problem& problem) {
  const MelPreset& preset = problem.preset;
  if (preset.frame_by_frame || preset.per_feature || preset.frame_major)
    return Support::no("whole clips only, filter by filter");
  if (problem.output != Type::f32) return Support::no("f32 features only");
  if (problem.lengths || problem.chunk > 0) return Support::no("clips of one length only, and whole ones");
  if (preset.n_mels > FilterTable::most_filters) return Support::no("256 filters at most");
  if (problem.feature_count() > std::int64_t{step_threads} * 0x7fffffff)
    return Support::no("more features than a grid has threads");
  return {};
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::mel

// The same features by a kernel for each step, each through global memory: what fusing them buys is the difference.
//
// mel_frame pads, pre-emphasises and windows; mel_spectrum transforms; mel_filter sums the filters and takes the
// logarithm; where a preset looks at the clip's largest feature, mel_highest finds it and mel_floor raises. The
// arithmetic is that of sm75_fused, so that nothing but the memory differs.
#include <algorithm>
#include <memory>
#include <vector>

#include "kernels/mel/fused_audio.cuh"
#include "kernels/mel/fused_filters.cuh"
#include "kernels/mel/fused_plan.h"
#include "kernels/mel/fused_transform.cuh"
#include "kernels/mel/mel.h"
#include "kernels/simt/simt.h"

namespace kernelgate {
namespace {

using namespace mel;

constexpr int threads = 256;

/// Frames one after the other, as if their hop were their length.
using FramesOf400 = FusedConfig<400, 400, 20, 10, 10, 15, 35>;
using FramesOf800 = FusedConfig<800, 800, 20, 20, 10, 6, 7>;

struct Steps {
  std::int64_t frames;  // of a clip
  float* framed;        // [clips * frames][n_fft]
  float* power;         // [clips][bins][frames]
};

template <class C>
SIMT_KERNEL(threads)
void mel_frame(FusedParams p, Steps s) {
  const std::int64_t frame = simt::block_idx().x, clip_idx = frame / s.frames, t = frame % s.frames;
  Clip clip;
  clip.samples = simt::load_global(&p.clips[clip_idx].samples);
  clip.audio = simt::load_global(&p.clips[clip_idx].audio);
  for (int n = static_cast<int>(simt::linear_thread_idx()); n < C::N_FFT; n += threads) {
    const float y = padded_sample(p, clip, t * p.hop - p.lead + n);
    simt::store_global(s.framed + frame * C::N_FFT + n, simt::load_global(p.window + n) * y);
  }
}

template <class C>
SIMT_KERNEL(C::max_threads)
void mel_spectrum(FusedParams p, Steps s) {
  float* smem_frames = simt::dynamic_shared<float>();
  float* smem_work = smem_frames + C::span_floats(C::MAX_TILE, C::N_FFT);
  const int thread_idx = static_cast<int>(simt::linear_thread_idx());
  const std::int64_t clip = simt::block_idx().x / p.tiles_per_clip;
  const std::int64_t first = simt::block_idx().x % p.tiles_per_clip * std::int64_t{C::MAX_TILE};
  const int count = static_cast<int>(s.frames - first < C::MAX_TILE ? s.frames - first : C::MAX_TILE);
  const auto* from = reinterpret_cast<const Four*>(s.framed + (clip * s.frames + first) * C::N_FFT);
  for (int i = thread_idx; i < count * C::N_FFT / 4; i += C::max_threads)
    simt::store_shared(reinterpret_cast<Four*>(smem_frames + staged_at<C>(4 * i)), simt::load_global(from + i));
  simt::sync_threads();
  p.tile = count;
  transform_tile<C>(p, smem_frames, smem_work);
  simt::sync_threads();
  float* to = s.power + clip * C::BINS * s.frames + first;
  for (int i = thread_idx; i < C::BINS * C::MAX_TILE; i += C::max_threads) {
    const int bin = i / C::MAX_TILE, frame = i % C::MAX_TILE;
    if (frame < count)
      simt::store_global(to + bin * s.frames + frame, simt::load_shared(smem_work + bin * C::POWER_STRIDE + frame));
  }
}

/// A thread takes a feature.
SIMT_KERNEL(threads)
void mel_filter(FusedParams p, Steps s, int bins, std::int64_t features) {
  const std::int64_t i = std::int64_t{simt::block_idx().x} * threads + simt::linear_thread_idx();
  if (i >= features) return;
  const std::int64_t t = i % s.frames, row = i / s.frames, clip = row / p.n_mels;
  const FilterTaps taps = simt::load_global(p.filters + row % p.n_mels);
  const float* from = s.power + (clip * bins + taps.first_bin) * s.frames + t;
  float sum = 0;
  for (int tap = 0; tap < taps.count; ++tap, from += s.frames)
    sum = simt::fma(simt::load_global(p.weights + taps.offset + tap), simt::load_volatile(from), sum);
  store_feature(p, i, feature_of(p, sum));
}

/// Of a part of one clip; states must be zero.
SIMT_KERNEL(threads)
void mel_highest(FusedParams p, std::int64_t per_clip, unsigned blocks) {
  float* smem_scratch = simt::dynamic_shared<float>();
  const std::int64_t clip = simt::block_idx().x / blocks;
  Extremes own{p.lowest, p.highest};
  for (std::int64_t i = simt::block_idx().x % blocks * std::int64_t{threads} + simt::linear_thread_idx(); i < per_clip;
       i += std::int64_t{blocks} * threads)
    own.highest = simt::max_propagating_nan(own.highest, load_feature(p, clip * per_clip + i));
  own = reduce_block(own, smem_scratch);
  if (simt::linear_thread_idx() == 0) simt::atomic_max(&p.state[clip].highest, ordered_bits(own.highest));
}

SIMT_KERNEL(threads)
void mel_floor(FusedParams p, std::int64_t per_clip, std::int64_t features) {
  const std::int64_t i = std::int64_t{simt::block_idx().x} * threads + simt::linear_thread_idx();
  if (i >= features) return;
  const float floor = clip_floor(p, simt::load_volatile(&p.state[i / per_clip].highest));
  const float v = load_feature(p, i);
  if (!(v >= floor)) store_feature(p, i, floor);
}

template <class C>
Launch prepare_as(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers) {
  const MelPreset& preset = problem.preset;
  const auto plan = std::make_shared<FusedPlan>(device, problem, buffers, FusedCut{C::ROWS, C::COLUMNS, C::MAX_TILE});
  const auto frames = static_cast<std::size_t>(problem.clips * problem.frames());
  const auto memory = std::make_shared<std::vector<Memory>>();
  memory->emplace_back(device, frames * C::N_FFT * sizeof(float));
  memory->emplace_back(device, frames * C::BINS * sizeof(float));
  memory->emplace_back(device, C::N_FFT * sizeof(float));
  const std::vector<float> ones(C::N_FFT, 1.0f);
  (*memory)[2].upload(0, std::as_bytes(std::span(ones)));
  const auto at = [&](std::size_t i) { return reinterpret_cast<float*>((*memory)[i].data()); };
  const Steps steps{problem.frames(), at(0), at(1)};
  FusedParams framed = plan->params;  // of frames that have been windowed
  framed.window = at(2);
  const std::int64_t features = problem.feature_count(), per_clip = features / problem.clips;
  const auto blocks_of = [](std::int64_t count) { return static_cast<unsigned>((count + threads - 1) / threads); };
  const auto all = blocks_of(features);
  const unsigned parts = std::min(blocks_of(per_clip), 64u);
  const auto clips = static_cast<unsigned>(problem.clips);
  const auto shared = static_cast<std::size_t>(C::shared_bytes(C::MAX_TILE, C::N_FFT, preset.n_mels, false));
  const simt::LaunchShape frame{{static_cast<unsigned>(frames)}, {threads}, 0, "mel_frame"};
  const simt::LaunchShape spectrum{{static_cast<unsigned>(plan->tiles)}, {C::max_threads}, shared, "mel_spectrum"};
  const simt::LaunchShape filter{{all}, {threads}, 0, "mel_filter"}, floor{{all}, {threads}, 0, "mel_floor"};
  const simt::LaunchShape highest{{clips * parts}, {threads}, 2 * 4 * threads / 32, "mel_highest"};
  return [=](Stream stream) {
    const FusedParams& p = plan->params;
    simt::launch(mel_frame<C>, frame, stream, p, steps);
    simt::launch(mel_spectrum<C>, spectrum, stream, framed, steps);
    simt::launch(mel_filter, filter, stream, p, steps, C::BINS, features);
    if (p.dynamic_range == 0) return;
    plan->state().fill(0, stream);
    simt::launch(mel_highest, highest, stream, p, per_clip, parts);
    simt::launch(mel_floor, floor, stream, p, per_clip, features);
    static_cast<void>(memory);  // lives as long as the launch
  };
}

Support supports(const Device& device, const Mel::Problem& problem) {
  const MelPreset& preset = problem.preset;
  if (device.kind == DeviceKind::cuda && device.compute_capability < 75)
    return Support::no("needs compute capability 7.5");
  if (preset.n_fft != 400 && preset.n_fft != 800) return Support::no("needs n_fft 400 or 800");
  if (preset.win != 0 || preset.frame_by_frame || preset.per_feature || preset.frame_major)
    return Support::no("whole windows of whole clips only, filter by filter");
  if (problem.output != Type::f32) return Support::no("f32 features only");
  if (problem.lengths || problem.chunk > 0) return Support::no("clips of one length only, and whole ones");
  const int shared = preset.n_fft == 400 ? FramesOf400::shared_bytes(FramesOf400::MAX_TILE, 400, preset.n_mels, false)
                                         : FramesOf800::shared_bytes(FramesOf800::MAX_TILE, 800, preset.n_mels, false);
  if (static_cast<std::size_t>(shared) > device.shared_bytes_per_block) return Support::no("needs more shared memory");
  if (problem.feature_count() > std::int64_t{threads} * 0x7fffffff)
    return Support::no("more features than a grid has threads");
  return {};
}

Launch prepare(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers) {
  if (problem.feature_count() == 0) return [](Stream) {};
  return problem.preset.n_fft == 400 ? prepare_as<FramesOf400>(device, problem, buffers)
                                     : prepare_as<FramesOf800>(device, problem, buffers);
}

const Register<Mel> registered{{"sm75_unfused", Origin::ours, simt::device_kind, supports, prepare}};

}  // namespace
}  // namespace kernelgate

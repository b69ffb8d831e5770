// The same features by a kernel for each step, each through global memory: what fusing them buys is the difference.
//
// mel_frame pads, pre-emphasises and windows; mel_spectrum transforms; mel_filter sums the filters and takes the
// logarithm; where a preset looks at the clip's largest feature, mel_highest finds it and mel_floor raises. The
// arithmetic is that of sm75_fused, so that nothing but the memory differs.
#include <algorithm>
#include <memory>
#include <vector>

#include "kernels/mel/fused_audio.cuh"
#include "kernels/mel/fused_plan.h"
#include "kernels/mel/fused_transform.cuh"
#include "kernels/mel/mel.h"
#include "kernels/mel/unfused_steps.cuh"
#include "kernels/simt/simt.h"

namespace kernelgate {
namespace {

using namespace mel;

/// Frames one after the other, as if their hop were their length.
using FramesOf400 = FusedConfig<400, 400, 20, 10, 10, 15, 35>;
using FramesOf800 = FusedConfig<800, 800, 20, 20, 10, 6, 7>;

template <class C>
constexpr std::size_t spectrum_bytes = 4 * (C::span_floats(C::MAX_TILE, C::N_FFT) + C::work_floats(C::MAX_TILE));

template <class C>
SIMT_KERNEL(step_threads)
void mel_frame(const SIMT_GRID_CONSTANT FusedParams p, std::int64_t frames, float* framed) {
  const std::int64_t frame = simt::block_idx().x, clip_idx = frame / frames, t = frame % frames;
  Clip clip = p.clip;
  clip.audio += clip_idx * clip.samples;
  for (int n = static_cast<int>(simt::linear_thread_idx()); n < C::N_FFT; n += step_threads) {
    const float y = padded_sample(p, clip, t * p.hop - p.lead + n);
    simt::store_global(framed + frame * C::N_FFT + n, simt::load_global(p.tables.window + n) * y);
  }
}

template <class C>
SIMT_KERNEL(C::max_threads)
void mel_spectrum(const SIMT_GRID_CONSTANT FusedParams p, std::int64_t frames, const float* framed, float* power) {
  float* smem_frames = simt::dynamic_shared<float>();
  float* smem_work = smem_frames + C::span_floats(C::MAX_TILE, C::N_FFT);
  const int thread_idx = static_cast<int>(simt::linear_thread_idx());
  const auto tiles = static_cast<unsigned>(p.clip.tiles);
  const std::int64_t clip = simt::block_idx().x / tiles;
  const std::int64_t first = simt::block_idx().x % tiles * std::int64_t{C::MAX_TILE};
  const int count = static_cast<int>(frames - first < C::MAX_TILE ? frames - first : C::MAX_TILE);
  const auto* from = reinterpret_cast<const Four*>(framed + (clip * frames + first) * C::N_FFT);
  for (int i = thread_idx; i < count * C::N_FFT / 4; i += C::max_threads)
    simt::store_shared(reinterpret_cast<Four*>(smem_frames + staged_at<C>(4 * i)), simt::load_global(from + i));
  simt::sync_threads();
  transform_tile<C, false>(p, thread_idx, p.tables, count, smem_frames, smem_work);
  simt::sync_threads();
  float* to = power + clip * C::BINS * frames + first;
  for (int i = thread_idx; i < C::BINS * C::MAX_TILE; i += C::max_threads) {
    const int bin = i / C::MAX_TILE, frame = i % C::MAX_TILE;
    if (frame < count)
      simt::store_global(to + bin * frames + frame, simt::load_shared(smem_work + bin * C::POWER_STRIDE + frame));
  }
}

template <class C>
Launch prepare_as(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers) {
  const auto plan = std::make_shared<FusedPlan>(device, problem, buffers, FusedCut{C::ROWS, C::COLUMNS, C::MAX_TILE});
  const std::int64_t frames = problem.frames();
  const auto all = static_cast<std::size_t>(problem.clips * frames);
  const auto memory = std::make_shared<std::vector<Memory>>();
  memory->emplace_back(device, all * C::N_FFT * sizeof(float));
  memory->emplace_back(device, all * C::BINS * sizeof(float));
  memory->emplace_back(device, C::N_FFT * sizeof(float));
  const std::vector<float> ones(C::N_FFT, 1.0f);
  (*memory)[2].upload(0, std::as_bytes(std::span(ones)));
  const auto at = [&](std::size_t i) { return reinterpret_cast<float*>((*memory)[i].data()); };
  float *const framed = at(0), *const power = at(1);
  FusedParams windowed = plan->params;
  windowed.tables.window = at(2);
  const simt::LaunchShape frame{{static_cast<unsigned>(all)}, {step_threads}, 0, "mel_frame"};
  const simt::LaunchShape spectrum{{plan->params.tiles}, {C::max_threads}, spectrum_bytes<C>, "mel_spectrum"};
  const Launch features = features_of_spectra(plan, problem, {power, frames, C::BINS});
  return [=](Stream stream) {
    simt::launch(mel_frame<C>, frame, stream, plan->params, frames, framed);
    simt::launch(mel_spectrum<C>, spectrum, stream, windowed, frames, framed, power);
    features(stream);
    static_cast<void>(memory);  // lives as long as the launch
  };
}

Support supports(const Device& device, const Mel::Problem& problem) {
  const MelPreset& preset = problem.preset;
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability < 75)
    return Support::no("needs compute capability 7.5");
  if (const Support steps = supports_steps(problem); !steps) return steps;
  if (preset.n_fft != 400 && preset.n_fft != 800) return Support::no("needs n_fft 400 or 800");
  if (preset.win != 0) return Support::no("whole windows only");
  const std::size_t shared = preset.n_fft == 400 ? spectrum_bytes<FramesOf400> : spectrum_bytes<FramesOf800>;
  if (shared > device.shared_bytes_per_block) return Support::no("needs more shared memory");
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

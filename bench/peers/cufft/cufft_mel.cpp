// mel as a user of the toolkit's libraries would write it: a kernel that frames, cuFFT's real transform of all
// frames in one batch, a kernel for the sparse filters and the logarithm, CUB's maximum of each clip, and a
// Thrust transform that normalises. All in f32; plan and scratch are made beforehand.

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <vector>

#include "bench/peers/cufft/cufft_api.h"
#include "bench/peers/cufft/mel_pipeline.h"
#include "kernels/mel/mel.h"
#include "kernels/mel/mel_filterbank.h"
#include "kernels/op/memory.h"

namespace kernelgate::cufft {
namespace {

class CufftMel {
 public:
  CufftMel(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers) {
    const MelPreset& preset = problem.preset;
    const MelFilterbank bank = mel_filterbank(preset);
    const auto window = mel_window(preset);
    const std::int64_t frames = problem.clips * problem.frames();
    pipeline_.samples = problem.samples;
    pipeline_.clips = problem.clips;
    pipeline_.frames = problem.frames();
    pipeline_.n_fft = preset.n_fft;
    pipeline_.hop = preset.hop;
    pipeline_.n_mels = preset.n_mels;
    pipeline_.preemphasis = static_cast<float>(preset.preemphasis);
    pipeline_.power = preset.power;
    pipeline_.log2_scale = static_cast<float>(preset.log_scale * std::log10(2.0));
    pipeline_.log_offset = static_cast<float>(preset.log_offset);
    pipeline_.lowest = static_cast<float>(preset.lowest);
    pipeline_.highest = static_cast<float>(preset.highest);
    pipeline_.dynamic_range = static_cast<float>(preset.dynamic_range);
    pipeline_.lead = preset.samples_before();
    pipeline_.padding = static_cast<int>(preset.padding);
    pipeline_.logarithm = preset.logarithm;
    pipeline_.log_add = static_cast<float>(preset.log_add);
    pipeline_.audio = static_cast<const float*>(buffers.audio);
    pipeline_.features = static_cast<float*>(buffers.features);
    pipeline_.window = upload(device, std::vector<float>(window.begin(), window.end()));
    pipeline_.first_bin = upload(device, bank.first_bin);
    pipeline_.offset = upload(device, bank.offset);
    pipeline_.weights = upload(device, bank.weights);
    pipeline_.framed = allocate<float>(device, static_cast<std::size_t>(frames * preset.n_fft));
    spectrum_ = allocate<cufftComplex>(device, static_cast<std::size_t>(frames * preset.bins()));
    pipeline_.spectrum = reinterpret_cast<const float*>(spectrum_);
    if (preset.dynamic_range != 0) {
      pipeline_.clip_highest = allocate<float>(device, static_cast<std::size_t>(problem.clips));
      pipeline_.reduce_scratch_bytes = reduce_scratch_bytes(pipeline_);
      pipeline_.reduce_scratch = allocate<std::byte>(device, pipeline_.reduce_scratch_bytes);
    }

    check(api().create(&plan_), "cufftCreate");
    try {
      make_plan(device, frames);
    } catch (...) {
      api().destroy(plan_);
      throw;
    }
  }
  ~CufftMel() { api().destroy(plan_); }
  CufftMel(const CufftMel&) = delete;
  CufftMel& operator=(const CufftMel&) = delete;

  void run(Stream stream) {
    frame_audio(pipeline_, stream);
    check(api().set_stream(plan_, stream), "cufftSetStream");
    check(api().exec_r2c(plan_, pipeline_.framed, spectrum_), "cufftExecR2C");
    filter_spectrum(pipeline_, stream);
    if (pipeline_.dynamic_range != 0) normalise_clips(pipeline_, stream);
  }

 private:
  template <class T>
  T* allocate(const Device& device, std::size_t count) {
    return reinterpret_cast<T*>(memories_.emplace_back(device, std::max<std::size_t>(count * sizeof(T), 1)).data());
  }

  template <class T>
  const T* upload(const Device& device, const std::vector<T>& values) {
    const T* at = allocate<T>(device, values.size());
    memories_.back().upload(0, std::as_bytes(std::span(values)));
    return at;
  }

  void make_plan(const Device& device, std::int64_t frames) {
    check(api().set_auto_allocation(plan_, 0), "cufftSetAutoAllocation");
    long long size = pipeline_.n_fft, bins = pipeline_.n_fft / 2 + 1;
    std::size_t bytes = 0;
    check(api().make_plan_many(plan_, 1, &size, &size, 1, size, &bins, 1, bins, CUFFT_R2C, frames, &bytes),
          "cufftMakePlanMany64");
    check(api().set_work_area(plan_, allocate<std::byte>(device, bytes)), "cufftSetWorkArea");
  }

  MelPipeline pipeline_{};
  cufftComplex* spectrum_ = nullptr;
  std::vector<Memory> memories_;
  cufftHandle plan_ = 0;
};

Support supports(const Device&, const Mel::Problem& problem) {
  const MelPreset& preset = problem.preset;
  if (problem.input != Type::f32 || problem.output != Type::f32) return Support::no("f32 only");
  if (problem.lengths || problem.chunk > 0) return Support::no("clips of one length only, and whole ones");
  if (preset.frame_by_frame || preset.per_feature || preset.frame_major || preset.win != 0)
    return Support::no("whole windows of whole clips only, filter by filter");
  if (problem.clips * problem.frames() > 0x7fffffff) return Support::no("more frames than a grid has blocks");
  return available();
}

Launch prepare(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers) {
  if (problem.feature_count() == 0) return [](Stream) {};
  auto mel = std::make_shared<CufftMel>(device, problem, buffers);
  return [mel](Stream stream) { mel->run(stream); };
}

const Register<Mel> registered{{"cufft_thrust", Origin::peer, DeviceKind::cuda, supports, prepare}};

}  // namespace
}  // namespace kernelgate::cufft

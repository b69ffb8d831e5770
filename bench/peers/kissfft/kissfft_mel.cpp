// mel on the CPU: KISS FFT (BSD-3-Clause), all cores.

#include <kiss_fftr.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "bench/peers/kissfft/frame_features.h"
#include "bench/peers/library.h"
#include "bench/peers/worker_pool.h"

namespace kernelgate {
namespace {

struct Functions {
  decltype(&kiss_fftr_alloc) alloc;
  decltype(&kiss_fftr) transform;
};

const std::vector<std::string> sonames{"libkissfft-float.so.131"};

const Functions& functions() {
  static const Functions loaded = [] {
    const Library& library = Library::open("KISS FFT", sonames);
    return Functions{library.symbol<decltype(&kiss_fftr_alloc)>("kiss_fftr_alloc"),
                     library.symbol<decltype(&kiss_fftr)>("kiss_fftr")};
  }();
  return loaded;
}

/// What one thread writes to. A KISS FFT plan has scratch inside, so each thread has its own.
struct Worker {
  explicit Worker(const MelPreset& preset)
      : frame(static_cast<std::size_t>(preset.n_fft)),
        spectrum(static_cast<std::size_t>(preset.bins())),
        power(static_cast<std::size_t>(preset.bins())),
        mels(static_cast<std::size_t>(preset.n_mels) * chunk) {
    std::size_t bytes = 0;
    functions().alloc(preset.n_fft, 0, nullptr, &bytes);
    plan_memory.resize(bytes);
    plan = functions().alloc(preset.n_fft, 0, plan_memory.data(), &bytes);
    if (!plan) throw DeviceError("KISS FFT: kiss_fftr_alloc failed for size " + std::to_string(preset.n_fft));
  }

  static constexpr std::int64_t chunk = 32;  // frames that one item of work holds
  std::vector<std::byte> plan_memory;
  kiss_fftr_cfg plan = nullptr;
  std::vector<float> frame;
  std::vector<kiss_fft_cpx> spectrum;
  std::vector<float> power;
  std::vector<float> mels;  // [n_mels][chunk]
};

class KissFftMel {
 public:
  KissFftMel(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers)
      : problem_(problem),
        buffers_(buffers),
        features_(problem),
        chunks_((problem.frames() + Worker::chunk - 1) / Worker::chunk),
        highest_(static_cast<std::size_t>(problem.clips * chunks_)),
        pool_(std::max(device.threads, 1)) {
    for (int i = 0; i < pool_.size(); ++i) workers_.push_back(std::make_unique<Worker>(problem.preset));
  }

  void run() {
    pool_.run(problem_.clips * chunks_, [this](std::int64_t item, int worker) { transform(item, worker); });
    const float range = static_cast<float>(problem_.preset.dynamic_range);
    if (range == 0) return;
    const std::int64_t per_clip = problem_.preset.n_mels * problem_.frames();
    // A clip is raised by as many items as it was made of.
    pool_.run(problem_.clips * chunks_, [&](std::int64_t item, int) {
      const std::int64_t clip = item / chunks_, part = item % chunks_;
      const float* highest = highest_.data() + clip * chunks_;
      float largest = highest[0];
      for (std::int64_t i = 1; i < chunks_; ++i)
        if (!(highest[i] <= largest) && largest == largest) largest = highest[i];
      const std::int64_t begin = per_clip * part / chunks_, end = per_clip * (part + 1) / chunks_;
      FrameFeatures::raise(static_cast<float*>(buffers_.features) + clip * per_clip + begin, end - begin,
                           largest - range);
    });
  }

 private:
  void transform(std::int64_t item, int worker_idx) {
    Worker& worker = *workers_[static_cast<std::size_t>(worker_idx)];
    const MelPreset& preset = problem_.preset;
    const std::int64_t clip = item / chunks_, begin = item % chunks_ * Worker::chunk, frames = problem_.frames();
    const std::int64_t count = std::min(Worker::chunk, frames - begin);
    const float* audio = static_cast<const float*>(buffers_.audio) + clip * problem_.samples;
    for (std::int64_t i = 0; i < count; ++i) {
      features_.window(audio, begin + i, worker.frame.data());
      functions().transform(worker.plan, worker.frame.data(), worker.spectrum.data());
      features_.filter(&worker.spectrum[0].r, worker.power.data(), worker.mels.data() + i, Worker::chunk);
    }
    float largest = static_cast<float>(preset.lowest);
    for (int m = 0; m < preset.n_mels; ++m) {
      float* out = static_cast<float*>(buffers_.features) + (clip * preset.n_mels + m) * frames + begin;
      const float v = features_.logarithm(worker.mels.data() + m * Worker::chunk, out, count);
      if (!(v <= largest) && largest == largest) largest = v;
    }
    highest_[static_cast<std::size_t>(item)] = largest;
  }

  Mel::Problem problem_;
  Mel::Buffers buffers_;
  FrameFeatures features_;
  std::int64_t chunks_;  // of a clip
  std::vector<float> highest_;
  WorkerPool pool_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

Support supports(const Device&, const Mel::Problem& problem) {
  const MelPreset& preset = problem.preset;
  if (problem.input != Type::f32 || problem.output != Type::f32) return Support::no("f32 only");
  if (problem.lengths || problem.chunk > 0) return Support::no("clips of one length only, and whole ones");
  if (preset.win != 0 || preset.log_add != 0 || preset.frame_by_frame || preset.per_feature || preset.frame_major ||
      !preset.logarithm)
    return Support::no("the usual logarithm of whole clips only, filter by filter");
  return Library::probe("KISS FFT", sonames);
}

Launch prepare(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers) {
  if (problem.feature_count() == 0) return [](Stream) {};
  auto mel = std::make_shared<KissFftMel>(device, problem, buffers);
  return [mel](Stream) { mel->run(); };
}

const Register<Mel> registered{{"kissfft", Origin::peer, DeviceKind::cpu, supports, prepare}};

}  // namespace
}  // namespace kernelgate

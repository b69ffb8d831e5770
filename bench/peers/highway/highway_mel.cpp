// mel on the CPU: frames side by side in vector registers (Highway, Apache-2.0 or BSD-3-Clause), all cores.

#include <algorithm>
#include <memory>
#include <vector>

#include "bench/peers/highway/clip_features.h"
#include "bench/peers/highway/mel_stream.h"
#include "bench/peers/highway/simd_mel.h"
#include "bench/peers/worker_pool.h"

namespace kernelgate::highway {
namespace {

class HighwayMel {
 public:
  HighwayMel(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers)
      : problem_(problem), tables_(problem.preset), pool_(problem.chunk > 0 ? 1 : std::max(device.threads, 1)) {
    const MelPreset& preset = problem.preset;
    // What is standardised keeps its f32 until then.
    const bool apart = preset.per_feature && problem.output == Type::f16;
    if (apart) exact_.resize(static_cast<std::size_t>(problem.feature_count()));
    std::int64_t sample = 0, feature = 0;
    for (std::int64_t c = 0; c < problem.clips; ++c) {
      const std::int64_t samples = problem.clip_samples(c), frames = problem.clip_frames(c);
      auto* out = static_cast<std::byte*>(buffers.features) + feature * std::int64_t(size_of(problem.output));
      const auto* in = static_cast<const std::byte*>(buffers.audio) + sample * std::int64_t(size_of(problem.input));
      Clip clip{{in, problem.input, 0, samples, samples},
                {out, problem.output, preset.n_mels, frames, preset.frame_major},
                {}};
      clip.made = clip.features;
      if (apart) clip.made = {exact_.data() + feature, Type::f32, preset.n_mels, frames, preset.frame_major};
      for (std::int64_t first = 0; first < frames; first += chunk_frames) chunks_.push_back({c, first, tables_.lowest});
      clips_.push_back(clip);
      sample += samples;
      feature += frames * preset.n_mels;
    }
    for (int i = 0; i < pool_.size(); ++i) workers_.push_back(std::make_unique<SimdScratch>(tables_));
    if (problem.chunk > 0) stream_ = std::make_unique<MelStream>(tables_, problem.input);
  }

  void run() {
    if (stream_)
      run_stream();
    else
      pool_.run(std::ssize(chunks_), [this](std::int64_t item, int worker) { transform(item, worker); });
    if (problem_.preset.dynamic_range != 0) raise();
    if (problem_.preset.per_feature)
      pool_.run(problem_.clips * problem_.preset.n_mels, [this](std::int64_t item, int) {
        const Clip& clip = clips_[static_cast<std::size_t>(item / problem_.preset.n_mels)];
        if (clip.made.frames > 0) clip.made.standardise(static_cast<int>(item % problem_.preset.n_mels), clip.features);
      });
  }

 private:
  struct Clip {
    AudioPart audio;
    ClipFeatures features, made;  // made: before they are standardised
  };
  struct Chunk {
    std::int64_t clip, first;
    float largest;
  };

  void transform(std::int64_t item, int worker) {
    Chunk& chunk = chunks_[static_cast<std::size_t>(item)];
    const Clip& clip = clips_[static_cast<std::size_t>(chunk.clip)];
    SimdScratch& scratch = *workers_[static_cast<std::size_t>(worker)];
    const int count = static_cast<int>(std::min<std::int64_t>(chunk_frames, clip.made.frames - chunk.first));
    chunk.largest = simd_frames(tables_, clip.audio, chunk.first, count, scratch);
    clip.made.put(scratch.features.get(), chunk.first, count);
  }

  /// The clip in pieces of `chunk` samples, as a live source brings them.
  void run_stream() {
    const Clip& clip = clips_.front();
    const auto sink = [&](const SimdScratch& scratch, std::int64_t first, int count) {
      clip.made.put(scratch.features.get(), first, count);
    };
    const auto* audio = static_cast<const std::byte*>(clip.audio.data);
    for (std::int64_t begin = 0; begin < clip.audio.total; begin += problem_.chunk)
      stream_->push(audio + begin * std::int64_t(size_of(problem_.input)),
                    std::min(problem_.chunk, clip.audio.total - begin), sink);
    stream_->finish(sink);
    for (Chunk& chunk : chunks_) chunk.largest = stream_->largest();
  }

  /// What is below each clip's largest less the dynamic range; a clip is raised by as many items as it was made of.
  void raise() {
    const float range = static_cast<float>(problem_.preset.dynamic_range);
    std::vector<float> largest(clips_.size(), tables_.lowest);
    for (const Chunk& chunk : chunks_) {
      float& top = largest[static_cast<std::size_t>(chunk.clip)];
      if (!(chunk.largest <= top) && top == top) top = chunk.largest;
    }
    pool_.run(std::ssize(chunks_), [&](std::int64_t item, int) {
      const Chunk& chunk = chunks_[static_cast<std::size_t>(item)];
      const ClipFeatures& made = clips_[static_cast<std::size_t>(chunk.clip)].made;
      const std::int64_t all = made.frames * made.n_mels;
      const std::int64_t begin = all / made.frames * chunk.first;
      const std::int64_t end = all / made.frames * std::min(chunk.first + chunk_frames, made.frames);
      simd_raise(static_cast<std::byte*>(made.data) + begin * std::int64_t(size_of(made.type)), made.type, end - begin,
                 largest[static_cast<std::size_t>(chunk.clip)] - range);
    });
  }

  Mel::Problem problem_;
  SimdTables tables_;
  WorkerPool pool_;
  std::vector<std::unique_ptr<SimdScratch>> workers_;
  std::unique_ptr<MelStream> stream_;
  std::vector<float> exact_;
  std::vector<Clip> clips_;
  std::vector<Chunk> chunks_;
};

Support supports(const Device&, const Mel::Problem&) { return {}; }

Launch prepare(const Device& device, const Mel::Problem& problem, const Mel::Buffers& buffers) {
  if (problem.feature_count() == 0) return [](Stream) {};
  auto mel = std::make_shared<HighwayMel>(device, problem, buffers);
  return [mel](Stream) { mel->run(); };
}

const Register<Mel> registered{{"highway", Origin::peer, DeviceKind::cpu, supports, prepare}};

}  // namespace
}  // namespace kernelgate::highway

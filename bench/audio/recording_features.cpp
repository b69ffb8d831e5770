#include "bench/audio/recording_features.h"

#include <fmt/format.h>

#include "bench/run/devices.h"
#include "harness/base/error.h"
#include "kernels/mel/mel.h"
#include "kernels/op/error.h"

namespace kernelgate {
namespace {

Launch prepare_on_cpu(const Mel::Problem& problem, const Mel::Buffers& buffers) {
  std::string declined;
  const Device device = cpu_device();
  for (const auto& implementation : Implementations<Mel>::sorted()) {
    if (implementation.device != DeviceKind::cpu) continue;
    try {
      if (const Support support = implementation.supports(device, problem); !support) throw Unsupported(support.reason);
      return implementation.prepare(device, problem, buffers);
    } catch (const Unsupported& why) {
      declined += fmt::format("; {}: {}", implementation.name, why.what());
    }
  }
  throw HarnessError(
      ExitCode::usage,
      fmt::format("no implementation of mel on the CPU takes preset {}{}; install libhwy-dev, and build again",
                  problem.preset.name, declined));
}

}  // namespace

Spectrogram features_of(const Recording& recording, const MelPreset& preset) {
  const Mel::Problem problem{.preset = preset, .samples = std::ssize(recording.samples)};
  try {
    Mel::validate(problem);
  } catch (const InvalidProblem& error) {
    throw HarnessError(ExitCode::usage, error.what());
  }
  Spectrogram out{preset, problem.frames(), {}, fmt::format("{} ({})", recording.name, preset.name)};
  if (out.frames == 0)
    throw HarnessError(
        ExitCode::usage,
        fmt::format("{}: is too short: {} samples at {} Hz, and {} has no frame of them; give a longer recording",
                    recording.name, recording.samples.size(), preset.sample_rate, preset.name));
  std::vector<float> features(static_cast<std::size_t>(problem.feature_count()));
  prepare_on_cpu(problem, {recording.samples.data(), features.data()})(nullptr);
  if (!preset.frame_major) {
    out.features = std::move(features);
    return out;
  }
  for (int m = 0; m < preset.n_mels; ++m)
    for (std::int64_t t = 0; t < out.frames; ++t)
      out.features.push_back(features[static_cast<std::size_t>(t * preset.n_mels + m)]);
  return out;
}

}  // namespace kernelgate

// The mel problems worth timing: a chunk of a live stream, one utterance, the 30 s window that Whisper takes, and
// batches of it; and those that are verified only.

#include <algorithm>
#include <memory>
#include <utility>

#include "kernels/mel/mel.h"
#include "kernels/op/any_op.h"
#include "kernels/op/random.h"

namespace kernelgate {
namespace {

/// The speech models' presets are timed at every length by default, the others at the length of a window.
bool timed_at_every_length(const MelPreset& preset) {
  return preset.name == "whisper80" || preset.name == "whisper128" || preset.name == "wav2lip80";
}

/// Lengths of 1 to 30 s, drawn once.
std::shared_ptr<const std::vector<std::int64_t>> unequal_lengths(const MelPreset& preset, int clips) {
  Random random(1);
  auto lengths = std::make_shared<std::vector<std::int64_t>>();
  for (int i = 0; i < clips; ++i)
    lengths->push_back(preset.sample_rate * (1 + static_cast<std::int64_t>(random.below(30))));
  lengths->front() = preset.sample_rate;
  lengths->back() = 30 * preset.sample_rate;
  return lengths;
}

Mel::Problem unequal(const MelPreset& preset, int clips) {
  Mel::Problem problem{.preset = preset, .samples = 30 * preset.sample_rate, .clips = clips};
  problem.lengths = unequal_lengths(preset, clips);
  return problem;
}

std::vector<Workload<Mel>> worth_timing() {
  struct Size {
    const char* label;
    std::int64_t clips;
    double seconds;
    std::vector<std::string> suites;
  };
  const std::vector<Size> sizes{{"live, 200 ms", 1, 0.2, {"default"}},
                                {"an utterance", 1, 1, {"default"}},
                                {"a 30 s window", 1, 30, {"default"}},
                                {"a batch of windows", 64, 30, {"default"}},
                                {"a large batch of windows", 512, 30, {"full"}}};
  std::vector<Workload<Mel>> table;
  for (const MelPreset& preset : mel_presets())
    for (const Size& size : sizes) {
      const auto samples = static_cast<std::int64_t>(size.seconds * preset.sample_rate);
      auto suites = size.suites;
      if (!timed_at_every_length(preset)) suites = {size.clips == 1 && size.seconds == 30 ? "default" : "full"};
      // The smoke suite takes one problem of a speech model's preset, and the longer one where it is cheap.
      const bool smoke =
          timed_at_every_length(preset) && size.clips == 1 && samples == (preset.name == "whisper80" ? 480000 : 16000);
      if (smoke) suites.push_back("smoke");
      table.push_back({{.preset = preset, .samples = samples, .clips = size.clips}, size.label, suites});
    }
  const MelPreset& whisper = mel_preset("whisper80");
  Mel::Problem compact{.preset = whisper, .samples = 480000, .clips = 64};
  compact.input = Type::i16;
  compact.output = Type::f16;
  table.push_back({compact, "a batch of 16-bit recordings, half features", {"default"}});
  table.push_back({unequal(whisper, 256), "a batch of unequal clips", {"full"}});
  Mel::Problem live{.preset = whisper, .samples = 16000};
  live.chunk = 3200;
  table.push_back({live, "a second, live, in chunks of 200 ms", {"default"}});
  return table;
}

/// Lengths at which framing and reflection break, and every type.
std::vector<Workload<Mel>> awkward() {
  struct Size {
    std::int64_t samples, clips;
    const char* why;
  };
  std::vector<Workload<Mel>> table;
  for (const MelPreset& preset : mel_presets()) {
    for (const Size& size :
         {Size{161, 1, "shorter than its padding: reflected repeatedly"}, Size{200, 1, "half a window"},
          Size{401, 1, "just over a window"}, Size{7919, 1, "a prime"}, Size{4001, 3, "a batch of odd clips"}})
      table.push_back({{.preset = preset, .samples = size.samples, .clips = size.clips}, size.why, {"verify"}});
    Mel::Problem narrow{.preset = preset, .samples = 8000, .clips = 2};
    narrow.input = Type::i16;
    narrow.output = preset.per_feature ? Type::f32 : Type::f16;
    table.push_back({narrow, "16-bit samples", {"verify"}});
    Mel::Problem ragged{.preset = preset, .samples = 4001, .clips = 3};
    ragged.lengths = std::make_shared<const std::vector<std::int64_t>>(std::vector<std::int64_t>{4001, 160, 3999});
    table.push_back({ragged, "clips of unequal lengths", {"verify"}});
  }
  return table;
}

const RegisterWorkloads<Mel> timed{worth_timing()}, verified{awkward()};

}  // namespace
}  // namespace kernelgate

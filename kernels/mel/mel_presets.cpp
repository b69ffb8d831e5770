#include "kernels/mel/mel_presets.h"

#include <array>
#include <string>

#include "kernels/op/error.h"

namespace kernelgate {
namespace {

constexpr MelPreset whisper80{.name = "whisper80"};

constexpr MelPreset whisper128{.name = "whisper128", .n_mels = 128};

constexpr MelPreset wav2lip80{.name = "wav2lip80",
                              .n_fft = 800,
                              .hop = 200,
                              .fmin = 55,
                              .fmax = 7600,
                              .preemphasis = 0.97,
                              .power = false,
                              .drop_last_frame = false,
                              // 8 * (20 log10 m - 20 + 100) / 100 - 4; the floor of 1e-5 is below the clip at -4.
                              .log_scale = 1.6,
                              .log_offset = 2.4,
                              .lowest = -4,
                              .highest = 4,
                              .dynamic_range = 0};

constexpr std::array presets{whisper80, whisper128, wav2lip80};

}  // namespace

std::span<const MelPreset> mel_presets() { return presets; }

const MelPreset& mel_preset(std::string_view name) {
  std::string names;
  for (const auto& preset : presets) {
    if (preset.name == name) return preset;
    names += (names.empty() ? "" : ", ") + std::string(preset.name);
  }
  throw InvalidProblem("mel: no preset is named '" + std::string(name) + "'; there are " + names);
}

}  // namespace kernelgate

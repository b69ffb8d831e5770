#pragma once
// The contract of mel-spectrogram extraction: what is computed, in which layout, and how exactly.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/mel/mel_presets.h"
#include "kernels/op/op.h"

namespace kernelgate {

/// Log-mel features of `clips` clips of audio, as MelPreset defines them.
///
/// Shapes  audio: [clips, samples], features: [clips, n_mels, frames]; contiguous, last dimension fastest.
///         Any `samples` >= 0: a clip too short for a frame gives an empty output, one shorter than the
///         padding is reflected repeatedly.
/// Types   f32, aligned to one element only.
///         A NaN in the audio makes every frame that it is in NaN, and, where the preset looks at the
///         largest of the clip, the whole clip, as numpy and torch do. Infinities are not defined.
/// Units   16 kHz, mono; full scale is [-1, 1].
/// Errors  validate: InvalidProblem.
struct Mel {
  static constexpr std::string_view name = "mel";

  struct Problem {
    MelPreset preset = {};
    std::int64_t samples = 0;  ///< of a clip
    std::int64_t clips = 1;
    /// The audio, 16 kHz mono; null: synthetic. Repeated end to end to fill all clips.
    std::shared_ptr<const std::vector<float>> recording = nullptr;
    std::string recording_name = {};  ///< stands in the problem's name; a space or a slash becomes '_'

    std::int64_t frames() const { return preset.frames(samples); }
    std::int64_t audio_count() const { return clips * samples; }
    std::int64_t feature_count() const { return clips * preset.n_mels * frames(); }
  };

  struct Buffers {
    const float* audio = nullptr;
    float* features = nullptr;
  };

  /// "whisper80/30s", "wav2lip80/b64x30s", "whisper80/200ms", "whisper80/16001samples",
  /// "whisper128/file:goforward.wav".
  static std::string problem_name(const Problem& problem);
  static void validate(const Problem& problem);
  static Work work(const Problem& problem);
  static std::vector<TensorSpec> inputs(const Problem& problem);
  static TensorSpec output(const Problem& problem);
  /// The recording, or harmonics with a moving pitch in syllables and pauses, with a little noise, in 16-bit
  /// steps: like speech, the same for the same seed.
  static void fill(const Problem& problem, std::uint64_t seed, std::span<void* const> inputs);
  static Buffers bind(const Problem& problem, std::span<void* const> pointers);
  /// Whole clips, because an output depends on the largest of its clip: all, or the first, the last, and some
  /// in between. A clip of more than 4 million outputs is sampled, and is then the only one.
  static std::vector<std::int64_t> check_indices(const Problem& problem, double flop_budget, std::uint64_t seed);

  /// In double, on all cores. The bound is in mel_reference.cpp, with its derivation.
  static void reference(const Problem& problem, const Buffers& buffers, std::span<const std::int64_t> indices,
                        std::span<Expected> expected);
};

}  // namespace kernelgate

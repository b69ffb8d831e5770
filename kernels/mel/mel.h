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
#include "kernels/op/sizes.h"

namespace kernelgate {

/// Log-mel features of `clips` clips of audio, as MelPreset defines them.
///
/// Shapes  audio: [clips, samples], features: [clips, n_mels, frames], or [clips, frames, n_mels] where the preset is
///         frame_major; contiguous, last dimension fastest. Clips of unequal lengths lie end to end, and so do their
///         features. Any length >= 0: a clip too short for a frame gives an empty output, one shorter than the padding
///         is reflected repeatedly.
/// Types   audio f32, or i16 (a 32768th of a sample); features f32 or f16. Aligned to one element only.
///         A NaN in the audio makes every frame that it is in NaN, and, where the preset looks at the whole clip, the
///         whole clip or, with `per_feature`, each of its filters, as numpy and torch do. A sample under no weight of
///         the window is not looked at. Infinities are not defined.
/// Units   the preset's sample rate, mono; full scale is [-1, 1].
/// Errors  validate: InvalidProblem.
struct Mel {
  static constexpr std::string_view name = "mel";

  struct Problem {
    MelPreset preset = {};
    std::int64_t samples = 0;  ///< of a clip; of the longest where `lengths` is given
    std::int64_t clips = 1;
    /// The audio, mono, at the preset's rate; null: synthetic. Repeated end to end to fill all clips.
    std::shared_ptr<const std::vector<float>> recording = nullptr;
    std::string recording_name = {};  ///< stands in the problem's name; a space or a slash becomes '_'
    Type input = Type::f32;
    Type output = Type::f32;
    /// Of each clip, in samples; null: all are equally long.
    std::shared_ptr<const std::vector<std::int64_t>> lengths = nullptr;
    /// Samples that come at a time, as in a live stream: what is computed is the same. 0: all at once.
    std::int64_t chunk = 0;

    std::int64_t clip_samples(std::int64_t clip) const {
      return lengths ? (*lengths)[static_cast<std::size_t>(clip)] : samples;
    }
    std::int64_t clip_frames(std::int64_t clip) const { return preset.frames(clip_samples(clip)); }
    std::int64_t frames() const { return preset.frames(samples); }  ///< of the longest clip
    std::int64_t audio_count() const;
    std::int64_t feature_count() const;
  };

  struct Buffers {
    const void* audio = nullptr;  ///< of type `input`
    void* features = nullptr;     ///< of type `output`
  };

  /// "whisper80/30s", "wav2lip80/b64x30s", "whisper80/200ms", "whisper80/16001samples",
  /// "whisper128/file:goforward.wav"; "whisper80-i16-f16/30s", "whisper80/b256x1s-30s" for unequal lengths,
  /// "whisper80/1s-by-3200" for a stream.
  static std::string problem_name(const Problem& problem);
  static void validate(const Problem& problem);
  static Sizes sizes(const Problem& problem);  ///< by the names above, for formulas
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

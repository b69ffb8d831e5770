#pragma once
// How far a stream of audio has come: which frames are complete, and which samples are still needed.

#include <algorithm>
#include <cstdint>

#include "kernels/mel/mel_preset.h"

namespace kernelgate {

/// Of one clip whose length is not known before `finish`. Samples begin .. received - 1 must be kept.
struct StreamPosition {
  /// Stands for the clip's length until it is known: far away, and its double still a number.
  static constexpr std::int64_t unknown = std::int64_t{1} << 60;

  std::int64_t begin = 0, received = 0, next_frame = 0;

  /// `count` samples more; returns where the complete frames end: next_frame .. that - 1 can be computed now, with
  /// `unknown` for the length.
  std::int64_t push(const MelPreset& preset, std::int64_t count) {
    received += count;
    // Complete: the frame's last sample is there, and so is what the padding at the beginning repeats.
    const std::int64_t before = preset.samples_before();
    if (received <= before + preset.n_fft) return next_frame;
    std::int64_t until = (received + before - preset.n_fft) / preset.hop + 1;
    // A clip may end before the frame that its samples fill.
    if (preset.drop_last_frame) until = std::min(until, preset.frames(received));
    return std::max(until, next_frame);
  }

  /// next_frame was moved: what lies before it is needed no more, but for one sample before the pre-emphasis, and
  /// what the reflection at the end goes back to. Returns how many samples at the beginning are to be dropped.
  std::int64_t forget(const MelPreset& preset) {
    const std::int64_t needed =
        std::min(next_frame * preset.hop - preset.samples_before() - 1, received - 2 * std::int64_t{preset.n_fft} - 1);
    const std::int64_t dropped = std::max<std::int64_t>(needed - begin, 0);
    begin += dropped;
    return dropped;
  }

  /// Samples that are kept at most when a piece of `count` comes.
  static std::int64_t most_kept(const MelPreset& preset, std::int64_t count) {
    return count + 3 * std::int64_t{preset.n_fft} + preset.hop + 2;
  }
};

}  // namespace kernelgate

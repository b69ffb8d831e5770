#pragma once
// Everything of mel but the Fourier transform, in f32, as loops that a compiler can vectorise.

#include <cstdint>
#include <vector>

#include "kernels/mel/mel.h"
#include "kernels/mel/mel_filterbank.h"

namespace kernelgate {

/// The tables of a problem and the steps over one frame or one run of frames. Immutable once made.
class FrameFeatures {
 public:
  explicit FrameFeatures(const Mel::Problem& problem);

  /// Windowed samples of frame `frame` of a clip to `out`, n_fft of them.
  void window(const float* clip, std::int64_t frame, float* out) const;

  /// Filter sums of one frame, from its spectrum as pairs (re, im): to mels[m * stride]. `power`: n_fft / 2 + 1
  /// floats of scratch.
  void filter(const float* spectrum, float* power, float* mels, std::int64_t stride) const;

  /// log_scale * log10 + log_offset, clamped, of `count` values; returns the largest, NaN if any is.
  float logarithm(const float* mels, float* features, std::int64_t count) const;

  /// max(v, floor) that keeps NaN, in place; all NaN if `floor` is.
  static void raise(float* features, std::int64_t count, float floor);

 private:
  MelPreset preset_;
  std::int64_t samples_;
  std::vector<float> window_;
  MelFilterbank bank_;
};

}  // namespace kernelgate

#pragma once
// A picture of features over time, with axes in seconds and hertz.

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/mel/mel_preset.h"

namespace kernelgate {

/// Features of one clip, [n_mels][frames] whatever the preset's own layout.
struct Spectrogram {
  MelPreset preset;
  std::int64_t frames = 0;
  std::vector<float> features;
  std::string title;
};

/// A PNG, drawn by Cairo (LGPL-2.1 or MPL-1.1), which is loaded when it is used. Where there are more frames than the
/// picture is wide, a column shows the largest of those that fall on it. Colours span what the features do; a NaN is
/// grey.
///
/// Errors  HarnessError (usage), one line with the remedy: no frame, Cairo or its headers were not there.
std::string spectrogram_png(const Spectrogram& spectrogram);

/// The label of every mark on an axis from 0 to `end`: steps of 1, 2 or 5 times a power of ten, at most `most` of them.
std::vector<double> axis_marks(double end, int most);

}  // namespace kernelgate

#pragma once
// The tables of a mel preset: its window, and its filters as the few weights that are not zero.

#include <vector>

#include "kernels/mel/mel_presets.h"

namespace kernelgate {

/// Triangles equally spaced on the slaney mel scale, each of unit area in hertz. A bin is in at most two of
/// them, so 2 to 3 % of the dense matrix is not zero.
///
/// Types   f32 weights, rounded once from double.
/// Source  librosa.filters.mel(htk=False, norm="slaney") (b7e7bf4): the definition, not its code.
struct MelFilterbank {
  std::vector<int> first_bin;  ///< of each filter; 0 for an empty one
  std::vector<int> offset;     ///< filter m has weights[offset[m]] .. weights[offset[m + 1] - 1]
  std::vector<float> weights;  ///< for first_bin[m], first_bin[m] + 1, ...

  int taps(int mel) const { return offset[static_cast<std::size_t>(mel) + 1] - offset[static_cast<std::size_t>(mel)]; }
};

MelFilterbank mel_filterbank(const MelPreset& preset);

/// Periodic Hann, 0.5 - 0.5 cos(2 pi n / n_fft).
std::vector<double> mel_window(const MelPreset& preset);

/// Slaney's scale: linear below 1000 Hz, logarithmic above. Units hertz, mels.
double hz_to_mel(double hz);
double mel_to_hz(double mel);

}  // namespace kernelgate

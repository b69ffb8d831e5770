#pragma once
// The tables of a mel preset: its window, and its filters as the few weights that are not zero.

#include <vector>

#include "kernels/mel/mel_preset.h"

namespace kernelgate {

/// Triangles equally spaced on the preset's mel scale. A bin is in at most two of them, so 2 to 3 % of the dense matrix
/// is not zero. A filter may hold no bin.
///
/// Types   f32 weights, rounded once from double.
/// Source  librosa.filters.mel (b7e7bf4), torchaudio.functional.melscale_fbanks, Kaldi's mel-computations.cc (f400766):
///         the definitions, not their code.
struct MelFilterbank {
  std::vector<int> first_bin;  ///< of each filter; 0 for an empty one
  std::vector<int> offset;     ///< filter m has weights[offset[m]] .. weights[offset[m + 1] - 1]
  std::vector<float> weights;  ///< for first_bin[m], first_bin[m] + 1, ...

  int taps(int mel) const { return offset[static_cast<std::size_t>(mel) + 1] - offset[static_cast<std::size_t>(mel)]; }
};

MelFilterbank mel_filterbank(const MelPreset& preset);

/// n_fft values, times the preset's input_scale; zeros around a window that is shorter.
std::vector<double> mel_window(const MelPreset& preset);

/// Units hertz, mels.
double hz_to_mel(double hz, MelScale scale = MelScale::slaney);
double mel_to_hz(double mel, MelScale scale = MelScale::slaney);

}  // namespace kernelgate

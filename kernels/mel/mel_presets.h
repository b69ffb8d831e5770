#pragma once
// The mel spectrograms that models were trained on, and the defaults of the libraries that make them.

#include <span>
#include <string_view>

#include "kernels/mel/mel_preset.h"

namespace kernelgate {

/// whisper80, whisper128, wav2lip80, nemo80, kaldi80, hifigan80, librosa128, torchaudio128: each with its source.
std::span<const MelPreset> mel_presets();

/// Errors  InvalidProblem, with the names there are.
const MelPreset& mel_preset(std::string_view name);

/// Errors  InvalidProblem, one line that names the preset, the field, its value and what it must be: a size or a
///         number out of range or not finite, a window longer than n_fft, fmax beyond half the sample rate, a filter
///         that holds no bin where `empty_filters` does not allow it.
void validate_mel_preset(const MelPreset& preset);

}  // namespace kernelgate

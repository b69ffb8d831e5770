#pragma once
// A recording's features, computed on the CPU.

#include "bench/audio/recording.h"
#include "bench/audio/spectrogram_picture.h"

namespace kernelgate {

/// By the first implementation for the CPU that takes the preset.
///
/// Errors  HarnessError (usage), one line: the recording is too short for a frame, or no implementation for the CPU was
///         built in or takes the preset.
Spectrogram features_of(const Recording& recording, const MelPreset& preset);

}  // namespace kernelgate

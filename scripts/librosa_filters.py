#!/usr/bin/env python3
"""Writes the table of kernels/mel/librosa_filters_for_test.h: a few weights of librosa's own filterbanks.

    python3 scripts/librosa_filters.py > kernels/mel/librosa_filters_for_test.h    with a Python that has librosa
"""

import librosa
import numpy as np

# preset: sample_rate, n_fft, n_mels, fmin, fmax, htk, norm
BANKS = {"whisper80": (16000, 400, 80, 0, 8000, False, "slaney"), "whisper128": (16000, 400, 128, 0, 8000, False, "slaney"),
         "wav2lip80": (16000, 800, 80, 55, 7600, False, "slaney"), "nemo80": (16000, 512, 80, 0, 8000, False, "slaney"),
         "hifigan80": (22050, 1024, 80, 0, 8000, False, "slaney"), "librosa128": (22050, 2048, 128, 0, 11025, False, "slaney"),
         "torchaudio128": (16000, 400, 128, 0, 8000, True, None)}

print(f"""#pragma once
// Weights of librosa's own filterbanks, written by scripts/librosa_filters.py with librosa {librosa.__version__}.

#include <string_view>

namespace kernelgate {{

struct LibrosaFilter {{
  std::string_view preset;
  int mel, first_bin, taps;
  double first, largest, sum;  // of the filter's weights
}};

inline const LibrosaFilter librosa_filters[] = {{""")
for preset, (rate, n_fft, n_mels, fmin, fmax, htk, norm) in BANKS.items():
    bank = librosa.filters.mel(sr=rate, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax, htk=htk, norm=norm)
    for mel in sorted({0, 1, 7, n_mels // 3, n_mels // 2, n_mels - 2, n_mels - 1}):
        row = bank[mel].astype(np.float64)
        bins = np.flatnonzero(row)
        first, taps = (int(bins[0]), len(bins)) if len(bins) else (0, 0)
        print(f'    {{"{preset}", {mel}, {first}, {taps}, {row[first]:.9g}, {row.max():.9g}, {row.sum():.9g}}},')
print("""};

}  // namespace kernelgate""")

#pragma once
// What the fine kernel's threads read at their place of the spectrum, and of the filters.

#include <cstdint>
#include <vector>

#include "kernels/mel/mel_preset.h"

namespace kernelgate::mel {

/// Bins k and N / 2 - k, which are unpacked together: a root of unity, and where both lie in the spectrum.
struct alignas(16) PairEntry {
  float re, im;  ///< exp(-2 pi i k / n_fft)
  std::int32_t at, mirror_at;
};

/// A filter: `groups` times four bins from `begin` on, and where its weights lie among all filters', by fours. What
/// makes a group full has the weight 0.
struct alignas(8) FilterEntry {
  std::uint32_t begin, groups_and_weights;  ///< groups | weights << 8
};

/// Pairs, the window, twiddles as [row][column], entries of the filters, weights, each a multiple of 16 bytes: one
/// piece of memory.
struct FineTables {
  std::vector<float> all;
  int window_at = 0, twiddles_at = 0, filters_at = 0, weights_at = 0;  ///< in floats
};

/// `spectrum_at(k)`: where value k of the packed spectrum lies. `scale`: of the weights.
/// The preset has at least one filter, and 252 groups of bins at most in each.
FineTables fine_tables(const MelPreset& preset, int rows, int columns, int (*spectrum_at)(int), float scale);

}  // namespace kernelgate::mel

#pragma once
// The tables of a preset as vectors of frames side by side need them: every value stands for all frames.

#include <cstdint>
#include <vector>

#include "kernels/mel/mel.h"
#include "kernels/mel/mel_filterbank.h"

namespace kernelgate::highway {

/// One pass of the transform: with n = radix * columns values left in each of `stride` interleaved parts, value
/// q + stride * (radix * p + k) is exp(-2 pi i p k / n) times value k of the small transform of the values
/// q + stride * (p + columns * j).
///
/// Source  Stockham's autosort algorithm, decimation in frequency.
struct Pass {
  int radix, columns, stride;
  std::vector<float> twiddles;  ///< [columns][radix - 1] pairs (re, im)
  std::vector<float> roots;     ///< of unity, [radix] pairs, for a radix that has no code of its own
};

/// Frames that one item of work holds: a multiple of every vector's length.
inline constexpr int chunk_frames = 32;

/// Immutable once made.
struct SimdTables {
  explicit SimdTables(const MelPreset& preset);

  MelPreset preset;
  int columns;                 ///< of a transposed sample row: the chunk's frames, and those that they reach into
  std::vector<int> sample_at;  ///< where sample n of the first frame lies among the transposed
  std::vector<float> window;   ///< [n_fft]
  std::vector<Pass> passes;    ///< of the transform of n_fft / 2 complex values
  std::vector<float> unpack;   ///< exp(-2 pi i k / n_fft) for k of 0 .. n_fft / 4, pairs
  MelFilterbank bank;          ///< the weights make up for the unpacked spectrum's factor 2
  float preemphasis, log2_scale, log_offset, log_add, lowest, highest;

  int half() const { return preset.n_fft / 2; }
  /// Samples under the frames of a chunk, to whole hops.
  int segment() const { return columns * preset.hop; }
};

}  // namespace kernelgate::highway

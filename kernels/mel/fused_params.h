#pragma once
// What the fused mel kernel is told: sizes, numbers, and tables on the device.

#include <cstdint>

namespace kernelgate::mel {

/// One clip of a batch. Offsets are in elements.
struct Clip {
  std::int64_t audio = 0, samples = 0;  ///< where it begins, and its length
  std::int64_t features = 0, frames = 0;
  std::int64_t first_tile = 0, tiles = 0;  ///< its blocks in the grid
};

/// What a clip's blocks tell each other. Zero before the first launch, and again when the last block has ended.
struct ClipState {
  std::uint32_t highest = 0;  ///< of its features, as ordered_bits has it
  std::uint32_t done = 0;     ///< blocks
};

struct alignas(8) FilterTaps {
  int first_bin, count, offset, unused;
};

/// Tables hold pairs (re, im) where they hold complex values.
struct FusedParams {
  const void* audio;
  void* features;
  const Clip* clips;
  const int* clip_of_tile;  // null: all clips have `tiles_per_clip`
  unsigned tiles_per_clip;
  bool audio_i16, features_f16, frame_major;

  // Samples of the clip's position p are at p - audio_begin: 0, but in a stream.
  std::int64_t audio_begin, first_frame, end_frame;  // end_frame: -1 for all of the clip's

  int tile;  // frames of a block
  int hop, lead, padding;
  int window_begin, window_length;
  bool frame_by_frame, power, logarithm;
  float preemphasis, log2_scale, log_offset, log_add, lowest, highest, dynamic_range;
  int n_mels;

  const float* window;          // [n_fft]
  const float* stage_twiddle;   // [ROWS][COLUMNS]: exp(-2 pi i k1 column / (n_fft / 2))
  const float* unpack_twiddle;  // [n_fft / 2 + 1]: exp(-2 pi i k / n_fft)
  const FilterTaps* filters;    // [n_mels]
  const float* weights;

  ClipState* state;    // [clips], where there is a dynamic range
  float* tile_lowest;  // [tiles]
};

}  // namespace kernelgate::mel

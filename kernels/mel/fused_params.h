#pragma once
// What the fused mel kernel is told: sizes, numbers, tables, and which bins feed which filter.

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
  std::uint32_t highest = 0;   ///< of its features, as ordered_bits has it
  std::uint32_t raised = 0;    ///< last blocks that are done
  std::uint32_t done[8] = {};  ///< blocks, by their rank in a cluster
};

/// What a bin gives to the two filters that it lies between: to the one whose middle is below, and to that above.
struct alignas(8) BinWeights {
  float falling = 0, rising = 0;
};

/// Tables on the device, one behind the other and 16 bytes at a time; pairs (re, im) where they hold complex values.
struct FusedTables {
  const float* window;          // [n_fft]
  const float* stage_twiddle;   // [ROWS][COLUMNS]: exp(-2 pi i k1 column / (n_fft / 2))
  const float* unpack_twiddle;  // [n_fft / 2 + 1]: exp(-2 pi i k / n_fft)
  const BinWeights* weights;    // [n_fft / 2 + 1]
};

/// Segment s holds the bins between the middles of filters s - 1 and s, which feed both: filter m is what rises in
/// segment m and what falls in segment m + 1. Groups of lanes, one a frame, take neighbouring filters.
///
/// A parameter of the kernel, not memory: how often a loop goes round is known when the launch is.
struct FilterTable {
  static constexpr int most_filters = 256, most_groups = 320;

  std::uint16_t begin[most_filters + 2];        ///< of the segments, in bins; the next one's is its end
  std::uint16_t first_filter[most_groups + 1];  ///< of each group; the same
};

struct FusedParams {
  const void* audio;
  void* features;
  Clip clip;                // the first
  const Clip* clips;        // null: all are as long as the first, and follow each other
  const int* clip_of_tile;  // where there are `clips`
  bool audio_i16, features_f16, frame_major;

  // Samples of the clip's position p are at p - audio_begin: 0, but in a stream.
  std::int64_t audio_begin, first_frame, end_frame;  // end_frame: -1 for all of the clip's

  unsigned tiles;   // of the launch
  unsigned rounds;  // tiles of a block, one after the other
  unsigned cluster_log2;
  bool keeps_overlap;  // from tile to tile
  int tile;            // frames of each
  int frame_lanes;     // of which each sums one frame of a tile: a power of two
  int filter_lanes;    // that sum one filter: twice as many where frames leave half a warp, else as many
  int hop, lead, padding;
  int window_begin, window_length;
  bool emphasise;  // the clip; a frame by itself where `frame_by_frame`
  bool frame_by_frame, power, logarithm;
  bool limits_range;  // dynamic_range is not 0
  float preemphasis, log2_scale, log_offset, log_add, lowest, highest, dynamic_range;
  float mean_scale;  // 1 / window_length
  int n_mels;
  FusedTables tables;

  ClipState* state;    // [clips], where there is a dynamic range
  float* tile_lowest;  // [tiles]
};

}  // namespace kernelgate::mel

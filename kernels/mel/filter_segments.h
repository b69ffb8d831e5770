#pragma once
// A filterbank cut where one filter ends to rise and the next begins to: each bin once, for both filters that it feeds.

#include <vector>

#include "kernels/mel/fused_params.h"
#include "kernels/mel/mel_preset.h"

namespace kernelgate::mel {

/// Lanes that take the frames of a tile: the least power of two that holds them, 32 at most.
constexpr int frame_lanes_of(int tile) {
  int lanes = 1;
  while (lanes < tile && lanes < 32) lanes *= 2;
  return lanes;
}

/// Lanes that sum a filter. Where frames leave half a warp, that takes every second bin, if a filter has many: it would
/// meet the same banks with a filter of its own.
constexpr int filter_lanes_of(int tile, const MelPreset& preset) {
  const int frames = frame_lanes_of(tile);
  return frames == 16 && preset.bins() >= 4 * preset.n_mels ? 32 : frames;
}

/// The preset's segments, and which filters each of `groups` takes: neighbouring ones, as many as make the groups' work
/// alike. Filters: FilterTable::most_filters at most; groups: most_groups.
FilterTable filter_table(const MelPreset& preset, int groups);

/// [bins]: what each bin gives to both filters, times `scale`.
std::vector<BinWeights> segment_weights(const MelPreset& preset, float scale);

}  // namespace kernelgate::mel

#pragma once
// Which frames of which clip a block takes.

#include <cstdint>

#include "kernels/mel/fused_params.h"
#include "kernels/simt/simt.h"

namespace kernelgate::mel {
inline namespace SIMT_SIDE {

/// Clip `clip_idx`: where all are equal, from the parameters alone.
SIMT_DEVICE Clip clip_at(const FusedParams& p, unsigned clip_idx) {
  if (p.clips) {
    const Clip* from = p.clips + clip_idx;
    return {simt::load_global(&from->audio),  simt::load_global(&from->samples),    simt::load_global(&from->features),
            simt::load_global(&from->frames), simt::load_global(&from->first_tile), simt::load_global(&from->tiles)};
  }
  Clip clip = p.clip;
  clip.audio += clip_idx * clip.samples;
  clip.features += clip_idx * clip.frames * p.n_mels;
  clip.first_tile += clip_idx * clip.tiles;
  return clip;
}

/// One of the launch's tiles: `count` frames from `first` on, 0 where a clip's tiles are more than its frames.
struct Tile {
  unsigned clip_idx;
  Clip clip;
  unsigned number;  ///< in its clip
  std::int64_t first;
  int count;
};

/// The place in the launch of the tile that a block takes in round `round`.
SIMT_DEVICE unsigned slot_at(const FusedParams& p, unsigned round) {
  const unsigned block = simt::block_idx().x, rank = block & ((1u << p.cluster_log2) - 1);
  return (((block >> p.cluster_log2) * p.rounds + round) << p.cluster_log2) + rank;
}

/// The tile that a block takes in place `slot` of the launch. Places of a cluster follow each other; a block's tiles
/// are neighbours all the same, since each block of a cluster has a part of the clip for itself.
SIMT_DEVICE Tile tile_at(const FusedParams& p, unsigned slot) {
  Tile tile;
  tile.clip_idx = p.clips ? static_cast<unsigned>(simt::load_global(p.clip_of_tile + slot))
                  : slot < static_cast<unsigned>(p.clip.tiles) ? 0  // of a lone clip always: no division
                                                               : slot / static_cast<unsigned>(p.clip.tiles);
  tile.clip = clip_at(p, tile.clip_idx);
  const unsigned in_clip = slot - static_cast<unsigned>(tile.clip.first_tile);
  const unsigned rank = in_clip & ((1u << p.cluster_log2) - 1);
  tile.number = rank * (static_cast<unsigned>(tile.clip.tiles) >> p.cluster_log2) + (in_clip >> p.cluster_log2);
  tile.first = p.first_frame + std::int64_t{tile.number} * p.tile;
  const std::int64_t left = (p.end_frame < 0 ? tile.clip.frames : p.end_frame) - tile.first;
  tile.count = static_cast<int>(left < 0 ? 0 : left < p.tile ? left : p.tile);
  return tile;
}

/// Whether the block's next tile begins where this one ends.
SIMT_DEVICE bool is_followed(const FusedParams& p, const Tile& tile, unsigned slot) {
  const auto end = static_cast<unsigned>(tile.clip.first_tile + tile.clip.tiles);
  return p.keeps_overlap && tile.count == p.tile && slot + (1u << p.cluster_log2) < end;
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::mel

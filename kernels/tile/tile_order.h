#pragma once
// In which order blocks take the tiles of the output: what runs at the same time should share its inputs in L2.

#include "kernels/simt/config.h"

namespace kernelgate::tile {
inline namespace SIMT_SIDE {

/// Units   tiles.
struct TileIndex {
  unsigned m, n;
};

/// One column of tiles after the other.
SIMT_HOST_DEVICE constexpr TileIndex column_order(unsigned tile, unsigned tiles_m) {
  return {tile % tiles_m, tile / tiles_m};
}

/// Groups of 8 rows of tiles, column by column within a group: neighbours share rows of A and columns of B.
SIMT_HOST_DEVICE constexpr TileIndex grouped_order(unsigned tile, unsigned tiles_m, unsigned tiles_n) {
  constexpr unsigned group_rows = 8;
  const unsigned group = tile / (group_rows * tiles_n), within = tile % (group_rows * tiles_n);
  const unsigned first = group * group_rows;
  const unsigned rows = tiles_m - first < group_rows ? tiles_m - first : group_rows;
  return {first + within % rows, within / rows};
}

/// The tiles of a batch of outputs, in one row: what a persistent kernel's blocks, or clusters, take turns at.
struct BatchedTiles {
  unsigned tiles_m, tiles_n, items;

  struct Place {
    TileIndex tile;
    int item;
  };

  SIMT_HOST_DEVICE constexpr unsigned count() const { return tiles_m * tiles_n * items; }
  /// One item after the other, each in grouped_order.
  SIMT_HOST_DEVICE constexpr Place grouped(unsigned i) const {
    const unsigned tiles = tiles_m * tiles_n;
    return {grouped_order(i % tiles, tiles_m, tiles_n), static_cast<int>(i / tiles)};
  }
  /// One item after the other, each in column_order.
  SIMT_HOST_DEVICE constexpr Place by_column(unsigned i) const {
    const unsigned tiles = tiles_m * tiles_n;
    return {column_order(i % tiles, tiles_m), static_cast<int>(i / tiles)};
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile

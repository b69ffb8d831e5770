#pragma once
// In which order blocks take the tiles of the output: what runs at the same time should share its inputs in L2.

#include "kernels/simt/config.h"
#include "kernels/tile/divisor.h"

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

inline constexpr unsigned group_rows = 8;

/// Groups of 8 rows of tiles, column by column within a group: neighbours share rows of A and columns of B.
SIMT_HOST_DEVICE constexpr TileIndex grouped_order(unsigned tile, unsigned tiles_m, unsigned tiles_n) {
  const unsigned group = tile / (group_rows * tiles_n), within = tile % (group_rows * tiles_n);
  const unsigned first = group * group_rows;
  const unsigned rows = tiles_m - first < group_rows ? tiles_m - first : group_rows;
  return {first + within % rows, within / rows};
}

/// The tiles of a batch of outputs, in one row: what a persistent kernel's blocks, or clusters, take turns at. A
/// kernel's parameter; at least one tile, and less than 2^31.
class BatchedTiles {
 public:
  constexpr BatchedTiles(unsigned tiles_m, unsigned tiles_n, unsigned items)
      : tiles_m_(tiles_m),
        count_(tiles_m * tiles_n * items),
        column_(tiles_m),
        item_(tiles_m * tiles_n),
        group_(group_rows * tiles_n),
        last_rows_(tiles_m % group_rows == 0 ? group_rows : tiles_m % group_rows) {}

  struct Place {
    TileIndex tile;
    int item;
  };

  SIMT_HOST_DEVICE constexpr unsigned count() const { return count_; }
  /// One item after the other, each in grouped_order.
  SIMT_HOST_DEVICE constexpr Place grouped(unsigned i) const {
    const unsigned item = item_.quotient(i), of_item = item_.remainder(i, item);
    const unsigned group = group_.quotient(of_item), within = group_.remainder(of_item, group);
    const unsigned first = group * group_rows;
    const bool whole = tiles_m_ - first >= group_rows;
    const unsigned column = whole ? within / group_rows : last_rows_.quotient(within);
    const unsigned row = within - column * (whole ? group_rows : last_rows_.value());
    return {{first + row, column}, static_cast<int>(item)};
  }
  /// One item after the other, each in column_order.
  SIMT_HOST_DEVICE constexpr Place by_column(unsigned i) const {
    const unsigned item = item_.quotient(i), of_item = item_.remainder(i, item);
    const unsigned column = column_.quotient(of_item);
    return {{column_.remainder(of_item, column), column}, static_cast<int>(item)};
  }

 private:
  unsigned tiles_m_, count_;
  Divisor column_, item_, group_, last_rows_;  ///< tiles of each; the last one the rows of a matrix's last group
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile

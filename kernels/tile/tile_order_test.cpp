// Every order gives each tile once; neighbours in the grouped one share rows and columns.

#include "kernels/tile/tile_order.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

namespace kernelgate::tile {
namespace {

template <class Order>
void check_each_once(unsigned tiles_m, unsigned tiles_n, Order order) {
  std::set<std::pair<unsigned, unsigned>> seen;
  for (unsigned tile = 0; tile < tiles_m * tiles_n; ++tile) {
    const TileIndex at = order(tile);
    EXPECT_LT(at.m, tiles_m);
    EXPECT_LT(at.n, tiles_n);
    seen.emplace(at.m, at.n);
  }
  EXPECT_EQ(seen.size(), tiles_m * tiles_n) << tiles_m << " x " << tiles_n;
}

TEST(TileOrder, GivesEachTileOnce) {
  for (const unsigned tiles_m : {1u, 7u, 8u, 9u, 16u, 23u})
    for (const unsigned tiles_n : {1u, 5u, 8u}) {
      check_each_once(tiles_m, tiles_n, [&](unsigned tile) { return column_order(tile, tiles_m); });
      check_each_once(tiles_m, tiles_n, [&](unsigned tile) { return grouped_order(tile, tiles_m, tiles_n); });
    }
}

TEST(TileOrder, ABatchIsOneItemAfterTheOther) {
  const BatchedTiles tiles{9, 5, 3};
  EXPECT_EQ(tiles.count(), 135u);
  for (unsigned item = 0; item < 3; ++item) {
    const auto in_item = [&](auto place) {
      EXPECT_EQ(place.item, static_cast<int>(item));
      return place.tile;
    };
    check_each_once(9, 5, [&](unsigned tile) { return in_item(tiles.grouped(45 * item + tile)); });
    check_each_once(9, 5, [&](unsigned tile) { return in_item(tiles.by_column(45 * item + tile)); });
  }
  EXPECT_EQ(tiles.by_column(45 + 10).tile.n, column_order(10, 9).n);
  EXPECT_EQ(tiles.grouped(45 + 10).tile.n, grouped_order(10, 9, 5).n);
}

TEST(TileOrder, ColumnsComeOneAfterTheOther) {
  EXPECT_EQ(column_order(4, 5).m, 4u);
  EXPECT_EQ(column_order(4, 5).n, 0u);
  EXPECT_EQ(column_order(5, 5).m, 0u);
  EXPECT_EQ(column_order(5, 5).n, 1u);
}

// 64 tiles that run at the same time read 8 rows of A and 8 columns of B; one column after the other, 64 and 1.
TEST(TileOrder, GroupsAreEightRowsHigh) {
  std::set<unsigned> rows, columns;
  for (unsigned tile = 0; tile < 64; ++tile) {
    rows.insert(grouped_order(tile, 64, 64).m);
    columns.insert(grouped_order(tile, 64, 64).n);
  }
  EXPECT_EQ(rows.size(), 8u);
  EXPECT_EQ(columns.size(), 8u);
}

}  // namespace
}  // namespace kernelgate::tile

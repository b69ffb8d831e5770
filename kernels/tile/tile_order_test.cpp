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

// Each item's tiles are in the order of a matrix by itself; groups of fewer than 8 rows, one, and several.
TEST(TileOrder, ABatchIsOneItemAfterTheOther) {
  for (const unsigned tiles_m : {1u, 2u, 7u, 8u, 9u, 16u, 23u})
    for (const unsigned tiles_n : {1u, 5u, 8u}) {
      const BatchedTiles tiles{tiles_m, tiles_n, 3};
      ASSERT_EQ(tiles.count(), tiles_m * tiles_n * 3);
      for (unsigned i = 0; i < tiles.count(); ++i) {
        const unsigned tile = i % (tiles_m * tiles_n);
        const auto expect = [&](const BatchedTiles::Place& place, const TileIndex& of_one) {
          ASSERT_EQ(place.item, static_cast<int>(i / (tiles_m * tiles_n)));
          ASSERT_EQ(place.tile.m, of_one.m) << tiles_m << " x " << tiles_n << ", tile " << tile;
          ASSERT_EQ(place.tile.n, of_one.n) << tiles_m << " x " << tiles_n << ", tile " << tile;
        };
        expect(tiles.grouped(i), grouped_order(tile, tiles_m, tiles_n));
        expect(tiles.by_column(i), column_order(tile, tiles_m));
      }
    }
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

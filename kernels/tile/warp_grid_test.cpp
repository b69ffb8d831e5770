// The lanes of all warps hold every element of the block's tile, each once.

#include "kernels/tile/warp_grid.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "kernels/tile/accumulators.h"

namespace kernelgate::tile {
namespace {

template <class Grid>
void check_grid() {
  using Sums = Accumulators<Grid>;
  std::set<std::pair<int, int>> seen;
  for (unsigned warp_idx = 0; warp_idx < Grid::threads / 32; ++warp_idx)
    for (unsigned lane_idx = 0; lane_idx < 32; ++lane_idx)
      for (int i = 0; i < Grid::WARP_M / 16; ++i)
        for (int j = 0; j < Grid::WARP_N / 8; ++j)
          for (int e = 0; e < 4; ++e)
            seen.emplace(Grid::warp_m(warp_idx) + Sums::row(i, e / 2, lane_idx),
                         Grid::warp_n(warp_idx) + Sums::column(j, lane_idx) + e % 2);
  EXPECT_EQ(static_cast<int>(seen.size()), Grid::BLOCK_M * Grid::BLOCK_N);
  EXPECT_EQ(*seen.begin(), std::pair(0, 0));
  EXPECT_EQ(*seen.rbegin(), std::pair(Grid::BLOCK_M - 1, Grid::BLOCK_N - 1));
}

TEST(WarpGrid, CoversTheBlocksTile) {
  check_grid<WarpGrid<128, 128, 2, 4>>();
  check_grid<WarpGrid<64, 64, 2, 2>>();
  check_grid<WarpGrid<128, 32, 4, 1>>();
  check_grid<WarpGrid<64, 64, 1, 4>>();
}

}  // namespace
}  // namespace kernelgate::tile

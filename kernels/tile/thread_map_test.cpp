// The threads of a block bring every chunk of a tile, each once, and each thread's are where its first one says.

#include "kernels/tile/thread_map.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "kernels/tile/swizzled_tile.h"

namespace kernelgate::tile {
namespace {

template <class Tile, int THREADS>
void check_map() {
  using Map = ThreadMap<Tile, THREADS>;
  std::set<std::pair<int, int>> seen;
  for (unsigned thread_idx = 0; thread_idx < THREADS; ++thread_idx)
    for (int pass = 0; pass < Map::passes; ++pass) {
      const int row = Map::row(thread_idx), chunk = Map::chunk(thread_idx), there = row + pass * Map::row_step;
      EXPECT_EQ(Tile::offset(there, chunk), Tile::offset(row, chunk) + pass * Map::step_bytes);
      EXPECT_LT(there, Tile::rows);
      seen.emplace(there, chunk);
    }
  EXPECT_EQ(static_cast<int>(seen.size()), Tile::rows * Tile::row_chunks);
}

TEST(ThreadMap, BringsEachChunkOnce) {
  check_map<SwizzledTile<128, 32>, 256>();
  check_map<SwizzledTile<64, 32>, 128>();
  check_map<SwizzledTile<32, 128>, 256>();
  check_map<SwizzledTile<32, 32>, 128>();
  check_map<SwizzledTile<64, 64>, 64>();
}

}  // namespace
}  // namespace kernelgate::tile

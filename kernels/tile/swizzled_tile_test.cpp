// The order of a tile in shared memory: a permutation, free of bank conflicts, and TMA's where rows are as long.

#include "kernels/tile/swizzled_tile.h"

#include <gtest/gtest.h>

#include <set>

#include "kernels/simt/swizzle.h"

namespace kernelgate::tile {
namespace {

/// Shared memory has 128 bytes of banks: 8 chunks. What is accessed at one time must not share one.
int distinct_banks(const std::set<int>& offsets) {
  std::set<int> banks;
  for (int offset : offsets) banks.insert(offset / 16 % 8);
  return static_cast<int>(banks.size());
}

template <class Tile>
void check_tile() {
  std::set<int> all;
  for (int row = 0; row < Tile::rows; ++row)
    for (int chunk = 0; chunk < Tile::row_chunks; ++chunk) all.insert(Tile::offset(row, chunk));
  ASSERT_EQ(static_cast<int>(all.size()) * 16, Tile::smem_bytes);
  EXPECT_EQ(*all.begin(), 0);
  EXPECT_EQ(*all.rbegin(), Tile::smem_bytes - 16);

  for (int chunk = 0; chunk < Tile::row_chunks; ++chunk)  // ldmatrix: 8 rows, the same chunk of each
    for (int row = 0; row < Tile::rows; row += 8) {
      std::set<int> read;
      for (int i = 0; i < 8; ++i) read.insert(Tile::offset(row + i, chunk));
      EXPECT_EQ(distinct_banks(read), 8) << "rows from " << row << ", chunk " << chunk;
    }
  for (int first = 0; first < Tile::smem_bytes / 16; first += 8) {  // 8 neighbouring threads of the loader
    std::set<int> written;
    for (int i = first; i < first + 8; ++i) written.insert(Tile::offset(i / Tile::row_chunks, i % Tile::row_chunks));
    EXPECT_EQ(distinct_banks(written), 8) << "chunks from " << first;
  }
}

TEST(SwizzledTile, HasNoBankConflicts) {
  check_tile<SwizzledTile<128, 32>>();
  check_tile<SwizzledTile<64, 32>>();
  check_tile<SwizzledTile<64, 64>>();
  check_tile<SwizzledTile<32, 128>>();
  check_tile<SwizzledTile<32, 64>>();
  check_tile<SwizzledTile<128, 16>>();
}

TEST(SwizzledTile, IsWhatTmaWritesWhereRowsAreAsLongAsItsSwizzle) {
  for (int row = 0; row < 64; ++row) {
    for (int chunk = 0; chunk < 2; ++chunk)
      EXPECT_EQ(
          (SwizzledTile<64, 16>::offset(row, chunk)),
          static_cast<int>(simt::swizzled(simt::Swizzle::bytes_32, static_cast<unsigned>(row * 32 + chunk * 16))));
    for (int chunk = 0; chunk < 4; ++chunk)
      EXPECT_EQ(
          (SwizzledTile<64, 32>::offset(row, chunk)),
          static_cast<int>(simt::swizzled(simt::Swizzle::bytes_64, static_cast<unsigned>(row * 64 + chunk * 16))));
    for (int chunk = 0; chunk < 8; ++chunk)
      EXPECT_EQ(
          (SwizzledTile<64, 64>::offset(row, chunk)),
          static_cast<int>(simt::swizzled(simt::Swizzle::bytes_128, static_cast<unsigned>(row * 128 + chunk * 16))));
  }
}

}  // namespace
}  // namespace kernelgate::tile

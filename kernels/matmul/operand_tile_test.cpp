// The order of A and B in shared memory: a permutation, and free of bank conflicts.

#include "kernels/matmul/operand_tile.h"

#include <gtest/gtest.h>

#include <set>

namespace kernelgate {
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
  ASSERT_EQ(static_cast<int>(all.size()) * 16, Tile::bytes);
  EXPECT_EQ(*all.begin(), 0);
  EXPECT_EQ(*all.rbegin(), Tile::bytes - 16);

  for (int chunk = 0; chunk < Tile::row_chunks; ++chunk)  // ldmatrix: 8 rows, the same chunk of each
    for (int row = 0; row < Tile::rows; row += 8) {
      std::set<int> read;
      for (int i = 0; i < 8; ++i) read.insert(Tile::offset(row + i, chunk));
      EXPECT_EQ(distinct_banks(read), 8) << "rows from " << row << ", chunk " << chunk;
    }
  for (int first = 0; first < Tile::bytes / 16; first += 8) {  // 8 neighbouring threads of the loader
    std::set<int> written;
    for (int i = first; i < first + 8; ++i) written.insert(Tile::offset(i / Tile::row_chunks, i % Tile::row_chunks));
    EXPECT_EQ(distinct_banks(written), 8) << "chunks from " << first;
  }
}

TEST(OperandTile, RowsOfKHaveNoBankConflicts) {
  check_tile<OperandTile<128, 32, true, 256>>();
  check_tile<OperandTile<64, 32, true, 128>>();
  check_tile<OperandTile<64, 64, true, 128>>();
}

TEST(OperandTile, RowsOfMNHaveNoBankConflicts) {
  check_tile<OperandTile<128, 32, false, 256>>();
  check_tile<OperandTile<64, 32, false, 128>>();
}

}  // namespace
}  // namespace kernelgate

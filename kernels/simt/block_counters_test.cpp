// What a block counts of operations that come to it whole: a warpgroup's, a bulk copy's, a warp's matrices.

#include "kernels/simt/host/block_counters.h"

#include <gtest/gtest.h>

#include <vector>

namespace kernelgate::simt::executor {
namespace {

TEST(BlockCounters, WgmmaBySizeInFlop) {
  BlockCounters block;
  block.begin_block();
  block.note_wgmma(256, 16);
  block.note_wgmma(8, 16);
  Counters expected;
  expected.wgmma = 2;
  expected.tensor_flop = 2 * 64 * 16 * (256 + 8);
  EXPECT_EQ(block.values, expected);
}

TEST(BlockCounters, BulkCopiesTouchTheSectorsOfEachRun) {
  alignas(32) const char memory[256] = {};
  BlockCounters block;
  block.begin_block();
  block.note_bulk_read(memory, 128);       // 4 sectors
  block.note_bulk_read(memory + 16, 128);  // 5
  block.note_bulk_read(memory, 0);         // clipped away
  block.note_bulk_write(memory + 31, 2);   // 2
  Counters expected;
  expected.global_read_bytes = expected.tma_read_bytes = 256;
  expected.global_read_sectors = 9;
  expected.global_written_bytes = expected.tma_written_bytes = 2;
  expected.global_written_sectors = 2;
  EXPECT_EQ(block.values, expected);
}

TEST(BlockCounters, StmatrixHasTheBanksOfLdmatrix) {
  alignas(128) const char shared[1024] = {};
  const Operation operation{"stmatrix_x1", std::source_location::current()};
  std::vector<const void*> column, row;
  for (int i = 0; i < 8; ++i) {
    column.push_back(shared + 128 * i);  // on the same four banks
    row.push_back(shared + 16 * i);
  }
  BlockCounters block;
  block.begin_block();
  block.note_stmatrix(0, operation, column);
  block.note_stmatrix(3, operation, row);
  Counters sum;
  MemoryCalls calls;
  block.end_block(sum, calls);
  Counters expected;
  expected.stmatrix = 2;
  expected.shared_written_bytes = 256;
  expected.shared_wavefronts = 8 + 1;
  expected.stmatrix_conflicts = 7;
  EXPECT_EQ(sum, expected);
  ASSERT_EQ(calls.size(), 1u);  // of all warps together
  EXPECT_EQ(calls.begin()->second, (MemoryCallCounters{2, 256, 0, 9, 7}));
}

}  // namespace
}  // namespace kernelgate::simt::executor

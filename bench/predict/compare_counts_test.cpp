#include "bench/predict/compare_counts.h"

#include <gtest/gtest.h>

namespace kernelgate {
namespace {

TEST(CompareCounts, NamesTheOperationThatDiffers) {
  predict::BlockCounts code;
  simt::Counters executor;
  code.tensor_flop = executor.tensor_flop = 4096;
  code.block_barriers = executor.block_barriers = 18;
  code.async_bytes = executor.cp_async_bytes = code.global_read_bytes = executor.global_read_bytes = 1024;
  EXPECT_EQ(difference(code, executor), "");
  executor.block_barriers = 17;
  EXPECT_EQ(difference(code, executor), "barriers of the block: 18 in the machine code, 17 on the host executor");
  executor.block_barriers = 18;
  executor.global_read_bytes = 1040;
  EXPECT_EQ(difference(code, executor),
            "bytes read from global memory: 1024 in the machine code, 1040 on the host executor");
}

TEST(CompareCounts, WhoIsInARequestIsComparedLoosely) {
  predict::BlockCounts code;
  simt::Counters executor;
  code.global_read_sectors = 80, executor.global_read_sectors = 100;
  EXPECT_EQ(difference(code, executor), "");
  code.global_read_sectors = 60;
  EXPECT_EQ(difference(code, executor), "sectors read: 60 in the machine code, 100 on the host executor");
}

}  // namespace
}  // namespace kernelgate

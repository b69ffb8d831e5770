// TMA alone, and what keeps it busy.

#include "harness/predict/replay/memory.h"

#include <gtest/gtest.h>

namespace kernelgate::predict {
namespace {

Operation box(std::uint32_t bytes, std::uint64_t number = 1) {
  Operation operation;
  operation.kind = Operation::Kind::tma_load;
  operation.value = operation.bytes = bytes;
  operation.box = number;
  return operation;
}

class TmaTest : public ::testing::Test {
 protected:
  Gpu gpu_ = find_gpu("h200-sxm");
  ReplayOptions options_;
  FirstAsked first_;
  Issued issued_;
};

// An H800: 369 cycles for 16 bytes from L2 (HPMLL's log), an H200's L2 is one cycle slower.
TEST_F(TmaTest, ASmallBoxTakesTheLatency) {
  Memory memory(gpu_, options_, first_);
  EXPECT_NEAR(memory.load_box(box(16), issued_, 100).comes, 100 + 370, 1);
}

// 1346 cycles for 1 KiB, 1649 for 4 KiB, cold, one at a time, on an H200 NVL.
TEST_F(TmaTest, AColdBoxTakesTheColdLatencyAndTheNextOneOfItDoesNot) {
  options_.cold = options_.boxes_from_dram = true;
  Memory memory(gpu_, options_, first_);
  const double cold = memory.load_box(box(4096), issued_, 0).comes;
  EXPECT_GT(cold, 1346);
  EXPECT_LT(cold, 1649);
  EXPECT_LT(memory.load_box(box(4096), issued_, 5000).comes, 5000 + 500);
  EXPECT_EQ(memory.dram_sectors, 128u);
}

TEST_F(TmaTest, BoxesFollowEachOtherByTheUnitOrByTheBytes) {
  Memory memory(gpu_, options_, first_);
  EXPECT_EQ(memory.load_box(box(64), issued_, 0).begins, 0);
  EXPECT_EQ(memory.load_box(box(64), issued_, 1).begins, gpu_.tma_issue);
  options_.l2_bytes_per_cycle = 32;
  Memory slow(gpu_, options_, first_);
  const double first = slow.load_box(box(16384), issued_, 0).comes;
  EXPECT_EQ(slow.load_box(box(16384), issued_, 0).comes - first, 16384 / 32);
}

TEST_F(TmaTest, OnlySoManyBytesAreUnderWay) {
  options_.cold = options_.boxes_from_dram = true;
  Memory memory(gpu_, options_, first_);
  const double first = memory.load_box(box(32768, 1), issued_, 0).comes;
  EXPECT_LT(memory.load_box(box(16384, 2), issued_, 0).begins, 100);
  EXPECT_EQ(memory.load_box(box(16384, 3), issued_, 0).begins, first);
}

TEST_F(TmaTest, DramIsSharedWhereBytesAreMany) {
  options_.cold = options_.boxes_from_dram = true;
  options_.dram_bytes_per_cycle = 8;
  Memory memory(gpu_, options_, first_);
  const double first = memory.load_box(box(8192, 1), issued_, 0).comes;
  EXPECT_EQ(memory.load_box(box(8192, 2), issued_, 0).comes - first, 1024);
}

TEST_F(TmaTest, AMulticastCostsMore) {
  Memory memory(gpu_, options_, first_), other(gpu_, options_, first_);
  Operation multicast = box(4096);
  multicast.blocks = 3;
  EXPECT_EQ(memory.load_box(multicast, issued_, 0).comes - other.load_box(box(4096), issued_, 0).comes, gpu_.multicast);
}

}  // namespace
}  // namespace kernelgate::predict

#include "harness/predict/replay/wgmma_queue.h"

#include <gtest/gtest.h>

namespace kernelgate::predict {
namespace {

void issue(WgmmaQueue& queue, double at, double busy, bool commits, double& tensor_free) {
  for (std::size_t warp = 0; warp < WgmmaQueue::warps; ++warp)
    queue.issue(warp, at + static_cast<double>(warp), busy, commits, tensor_free);
}

// m64n64k16 on an H200: 75 cycles from issue to result, 32 of them on the Tensor Cores.
TEST(WgmmaQueue, AProductTakesItsTimeAndATail) {
  WgmmaQueue queue({43, 6});
  double tensor_free = 0;
  queue.issue(0, 10, 32, true, tensor_free);
  EXPECT_FALSE(queue.ended(0, 0));  // the other warps' part is missing
  for (std::size_t warp = 1; warp < 4; ++warp) queue.issue(warp, 10, 32, true, tensor_free);
  EXPECT_EQ(*queue.ended(0, 0), 10 + 75);
  EXPECT_EQ(*queue.ended(3, 0), 10 + 75);
}

TEST(WgmmaQueue, ProductsFollowEachOtherWithoutTheTail) {
  WgmmaQueue queue({43, 6});
  double tensor_free = 0;
  for (int i = 0; i < 4; ++i) issue(queue, 0, 128, i == 3, tensor_free);
  EXPECT_EQ(*queue.ended(0, 0), 3 + 4 * 128 + 43);
  EXPECT_EQ(*queue.ended(0, 1), 0);  // no group but the last one
}

TEST(WgmmaQueue, WarpgroupsShareTheTensorCores) {
  WgmmaQueue first({43, 6}), second({43, 6});
  double tensor_free = 0;
  issue(first, 0, 128, true, tensor_free);
  issue(second, 0, 128, true, tensor_free);
  EXPECT_EQ(*second.ended(0, 0), 3 + 2 * 128 + 43);
}

TEST(WgmmaQueue, AFullQueueKeepsTheNextOneWaiting) {
  WgmmaQueue queue({43, 2});
  double tensor_free = 0;
  issue(queue, 0, 100, false, tensor_free);
  issue(queue, 0, 100, false, tensor_free);
  EXPECT_EQ(*queue.place(0), 3 + 100);
  queue.issue(0, 103, 100, true, tensor_free);
  queue.issue(0, 203, 100, true, tensor_free);
  EXPECT_FALSE(queue.place(0));  // the third product lacks three warps
}

}  // namespace
}  // namespace kernelgate::predict

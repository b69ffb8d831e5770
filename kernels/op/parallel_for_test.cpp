#include "kernels/op/parallel_for.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <vector>

namespace kernelgate {
namespace {

TEST(ParallelFor, VisitsEveryIndexOnce) {
  for (const std::int64_t count : {1, 2, 63, 64, 65, 1000})
    for (const std::int64_t grain : {1, 7, 64, 2000}) {
      std::vector<std::atomic<int>> visits(static_cast<std::size_t>(count));
      parallel_for(count, grain, [&](std::int64_t begin, std::int64_t end) {
        EXPECT_TRUE(0 <= begin && begin < end && end <= count && end - begin <= grain);
        for (std::int64_t i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
      });
      for (const auto& times : visits) ASSERT_EQ(times, 1) << count << " by " << grain;
    }
}

TEST(ParallelFor, DoesNothingForNothing) {
  for (const std::int64_t count : {0, -1})
    parallel_for(count, 4, [](std::int64_t, std::int64_t) { ADD_FAILURE() << "called"; });
}

TEST(ParallelFor, LeavesOnePartToTheCaller) {
  std::thread::id ran;
  parallel_for(10, 10, [&](std::int64_t, std::int64_t) { ran = std::this_thread::get_id(); });
  EXPECT_EQ(ran, std::this_thread::get_id());
}

TEST(ParallelFor, TakesAGrainOfNothingForOne) {
  std::atomic<int> calls = 0;
  parallel_for(3, 0, [&](std::int64_t, std::int64_t) { ++calls; });
  EXPECT_EQ(calls, 3);
}

// Two parts that wait for each other meet only if two threads run them.
TEST(ParallelFor, RunsPartsAtTheSameTime) {
  if (std::thread::hardware_concurrency() < 2) GTEST_SKIP() << "one core";
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::atomic<int> there = 0;
  parallel_for(2, 1, [&](std::int64_t, std::int64_t) {
    ++there;
    while (there < 2 && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
    EXPECT_EQ(there, 2);
  });
}

TEST(ParallelFor, GivesTheCallerWhatABodyThrows) {
  std::atomic<int> calls = 0;
  const auto fail = [&](std::int64_t begin, std::int64_t) {
    ++calls;
    if (begin == 0) throw std::runtime_error("part 0");
    std::this_thread::yield();
  };
  EXPECT_THROW(parallel_for(1 << 20, 1, fail), std::runtime_error);
  EXPECT_LT(calls, 1 << 20);
}

}  // namespace
}  // namespace kernelgate

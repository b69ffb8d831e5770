// The executor itself: repeatable, whatever the number of host threads; clean after an error.

#include <gmock/gmock.h>

#include <atomic>
#include <set>
#include <stdexcept>
#include <vector>

#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::HasSubstr;
class Executor : public SimtTest {};

// A race on purpose: the order in which threads come shows in what each of them sees.
SIMT_KERNEL(96) void arrival_order(unsigned* order) {
  auto* count = dynamic_shared<unsigned>();
  const unsigned mine = (*count + 1) * 7 + *count;
  *count = *count + 1;
  order[block_idx().x * 96 + linear_thread_idx()] = mine;
}

// However the build names its files: whole, relative to the folder that it builds in, or from the root.
TEST(ShortPath, BeginsAtTheRootHoweverTheCompilerWasGivenIt) {
  for (const char* path : {"/home/me/kernelgate/kernels/simt/mma.h", "../kernels/simt/mma.h", "kernels/simt/mma.h",
                           "/src/kernels/of/mine/kernels/simt/mma.h"})
    EXPECT_EQ(executor::short_path(path), "kernels/simt/mma.h") << path;
  EXPECT_EQ(executor::short_path("/elsewhere/try.cu"), "try.cu");
}

std::vector<unsigned> run_arrival_order(int seed, int threads) {
  set_seed(seed);
  set_host_threads(threads);
  std::vector<unsigned> order(96 * 24);
  launch(arrival_order, {{24}, {96}, 4}, nullptr, order.data());
  return order;
}

TEST_F(Executor, SameSeedSameRunOnAnyNumberOfHostThreads) {
  for (int seed = 0; seed < 10; ++seed) {
    const auto alone = run_arrival_order(seed, 1);
    for (const int threads : {1, 2, 3, 8}) ASSERT_EQ(run_arrival_order(seed, threads), alone);
  }
}

TEST_F(Executor, SeedsAndBlocksDiffer) {
  std::set<std::vector<unsigned>> orders;
  for (int seed = 0; seed < 10; ++seed) {
    const auto all = run_arrival_order(seed, 2);
    for (int block = 0; block < 24; ++block) orders.emplace(all.begin() + block * 96, all.begin() + (block + 1) * 96);
  }
  EXPECT_EQ(orders.size(), 240u);
}

// The warps write down when they run.
SIMT_KERNEL(128) void log_rounds(unsigned* log) {
  auto* count = dynamic_shared<unsigned>();
  if (linear_thread_idx() == 0) *count = 0;
  sync_threads();
  for (int round = 0; round < 10; ++round) {
    if (lane_idx() == 0) log[(*count)++] = warp_idx();
    sync_warp();
  }
}

TEST_F(Executor, UnderMostSeedsAWarpRunsAsFarAsItCan) {
  int deep = 0;
  constexpr int seeds = 60;
  for (int seed = 0; seed < seeds; ++seed) {
    set_seed(seed);
    std::vector<unsigned> log(40);
    launch(log_rounds, {{1}, {128}, 4}, nullptr, log.data());
    int changes = 0;
    for (int i = 1; i < 40; ++i) changes += log[i] != log[i - 1];
    deep += changes == 3;
  }
  EXPECT_GT(deep, seeds / 2);
  EXPECT_LT(deep, seeds);
}

SIMT_KERNEL(64) void some_blocks_fail(unsigned first, unsigned step) {
  const unsigned block = block_idx().x;
  if (block >= first && (block - first) % step == 0 && linear_thread_idx() == 33) dynamic_shared<char>();
  sync_threads();
}

TEST_F(Executor, TheLowestBlockThatFailsIsTheOneReported) {
  for (const int threads : {1, 2, 8}) {
    set_host_threads(threads);
    for (int repeat = 0; repeat < 20; ++repeat)
      ASSERT_THAT(fault_of([] {
                    launch(some_blocks_fail, {{50}, {64}, 0, "fails"}, nullptr, 5u, 3u);
                  }),
                  HasSubstr("kernel fails (launched at kernels/simt/executor_test.cpp:"));
    EXPECT_THAT(fault_of([] {
                  launch(some_blocks_fail, {{50}, {64}}, nullptr, 5u, 3u);
                }),
                HasSubstr("block (5,0,0), thread (33,0,0) (warp 1, lane 1): dynamic_shared at"));
  }
}

SIMT_KERNEL(1) void the_second_block_fails_first(unsigned* failed) {
  if (block_idx().x == 0) {
    while (load_acquire(failed) == 0) {
    }
  } else {
    store_release(failed, 1);
  }
  dynamic_shared<char>();
}

TEST_F(Executor, ALowerBlockThatFailsLaterReplacesAHigherOne) {
  set_host_threads(2);
  for (int repeat = 0; repeat < 20; ++repeat) {
    unsigned failed = 0;
    ASSERT_THAT(fault_of([&] {
                  launch(the_second_block_fails_first, {{2}, {1}}, nullptr, &failed);
                }),
                HasSubstr("block (0,0,0)"));
  }
}

struct Counted {
  explicit Counted(std::atomic<int>* c) : count(c) { ++*count; }
  ~Counted() { --*count; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  std::atomic<int>* count;
};

SIMT_KERNEL(128) void fails_with_objects_alive(std::atomic<int>* alive, std::atomic<int>* most) {
  const Counted outer(alive);
  sync_threads();
  const Counted inner(alive);
  *most = std::max(most->load(), alive->load());
  if (linear_thread_idx() == 100) dynamic_shared<char>();
  sync_threads();
}

TEST_F(Executor, AnErrorUnwindsEveryThread) {
  std::atomic<int> alive{0}, most{0};
  for (int seed = 0; seed < 20; ++seed) {
    set_seed(seed);
    EXPECT_THROW(launch(fails_with_objects_alive, {{4}, {128}}, nullptr, &alive, &most), Fault);
    EXPECT_EQ(alive, 0);
  }
  EXPECT_GT(most, 128);
}

SIMT_KERNEL(64) void throws_something() {
  if (linear_thread_idx() == 5) throw std::runtime_error("of its own");
  sync_threads();
}

TEST_F(Executor, WhatAKernelThrowsIsReported) {
  EXPECT_THAT(fault_of([] {
                launch(throws_something, {{1}, {64}}, nullptr);
              }),
              HasSubstr("thread (5,0,0): the kernel threw: of its own"));
}

TEST_F(Executor, WorksAgainAfterAnError) {
  EXPECT_THROW(launch(throws_something, {{3}, {64}}, nullptr), Fault);
  const auto order = run_arrival_order(3, 2);
  EXPECT_EQ(order, run_arrival_order(3, 1));
}

TEST_F(Executor, AFaultIsAnErrorOfTheProject) { EXPECT_THROW(launch(throws_something, {{1}, {64}}, nullptr), Error); }

}  // namespace
}  // namespace kernelgate::simt

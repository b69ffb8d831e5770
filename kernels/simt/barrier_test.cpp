// Barriers order memory, and each way to get one wrong is an error that says what is wrong.

#include <gmock/gmock.h>

#include <vector>

#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class Barrier : public SimtTest {};

// Each thread reads what another warp wrote; twice, so that the second write may overtake the read.
template <bool BEFORE_READ, bool BEFORE_OVERWRITE>
SIMT_KERNEL(128)
void neighbours(int* out) {
  int* smem = dynamic_shared<int>();
  const unsigned i = linear_thread_idx();
  for (int round = 0; round < 2; ++round) {
    smem[i] = round * 1000 + static_cast<int>(i);
    if (BEFORE_READ) sync_threads();
    out[round * 128 + i] = smem[(i + 32) % 128];
    if (BEFORE_OVERWRITE) sync_threads();
  }
}

template <bool BEFORE_READ, bool BEFORE_OVERWRITE>
int wrong_neighbours() {
  std::vector<int> out(256);
  launch(neighbours<BEFORE_READ, BEFORE_OVERWRITE>, {{1}, {128}, 128 * sizeof(int)}, nullptr, out.data());
  int wrong = 0;
  for (int round = 0; round < 2; ++round)
    for (int i = 0; i < 128; ++i) wrong += out[round * 128 + i] != round * 1000 + (i + 32) % 128;
  return wrong;
}

TEST_F(Barrier, SyncThreadsOrdersMemoryUnderEverySeed) {
  for (int seed = 0; seed < 200; ++seed) {
    set_seed(seed);
    ASSERT_EQ((wrong_neighbours<true, true>()), 0) << seed;
  }
}

TEST_F(Barrier, AMissingBarrierBeforeAReadShowsUnderEverySeed) {
  for (int seed = 0; seed < 50; ++seed) {
    set_seed(seed);
    ASSERT_GT((wrong_neighbours<false, true>()), 0) << seed;
  }
}

TEST_F(Barrier, AMissingBarrierBeforeAnOverwriteShows) {
  int seen = 0;
  for (int seed = 0; seed < 50; ++seed) {
    set_seed(seed);
    seen += wrong_neighbours<true, false>() > 0;
  }
  EXPECT_GT(seen, 40);
}

SIMT_KERNEL(64) void a_warp_leaves() {
  if (warp_idx() == 1) return;
  sync_threads();
}

TEST_F(Barrier, AThreadThatHasExitedOrIsLeaving) {
  int leaving = 0;
  for (int seed = 0; seed < 40; ++seed) {
    set_seed(seed);
    const std::string text = fault_of([] { launch(a_warp_leaves, {{1}, {64}, 0, "leaves"}, nullptr); });
    ASSERT_THAT(text, AllOf(HasSubstr("kernel leaves"), HasSubstr("sync_threads at kernels/simt/barrier_test.cpp:")));
    // Which of the two is seen depends on who comes first.
    const bool leaves = text.find("returns from the kernel while 32 threads of its block wait") != std::string::npos;
    const bool has_left = text.find("of its threads have returned from the kernel") != std::string::npos;
    ASSERT_NE(leaves, has_left) << text;
    leaving += leaves;
  }
  EXPECT_GT(leaving, 0);
  EXPECT_LT(leaving, 40);
}

SIMT_KERNEL(64) void diverges_in_a_warp() {
  if (lane_idx() < 7) {
    sync_threads();
  } else {
    sync_threads();
  }
}

TEST_F(Barrier, TwoBarriersInOneWarp) {
  EXPECT_THAT(fault_of([] {
                launch(diverges_in_a_warp, {{1}, {64}}, nullptr);
              }),
              AllOf(HasSubstr("block (0,0,0), thread ("), HasSubstr("the warp has diverged"),
                    HasSubstr("lanes wait at sync_threads at kernels/simt/barrier_test.cpp:")));
}

SIMT_KERNEL(64) void diverges_between_warps() {
  if (warp_idx() == 0) {
    sync_threads();
  } else {
    sync_threads();
  }
}

TEST_F(Barrier, TwoBarriersInOneBlock) {
  EXPECT_THAT(
      fault_of([] {
        launch(diverges_between_warps, {{1}, {64}}, nullptr);
      }),
      AllOf(HasSubstr("the block has diverged: 32 threads wait at sync_threads"), HasSubstr("use named_barrier_sync")));
}

SIMT_KERNEL(128) void pairs_of_warps(int* out) {
  int* smem = dynamic_shared<int>();
  const unsigned i = linear_thread_idx(), pair = warp_idx() / 2;
  smem[i] = static_cast<int>(i);
  named_barrier_sync(1 + pair, 64);
  out[i] = smem[i ^ 32];
}

TEST_F(Barrier, NamedBarriersJoinSomeWarps) {
  for (int seed = 0; seed < 50; ++seed) {
    set_seed(seed);
    std::vector<int> out(128);
    launch(pairs_of_warps, {{1}, {128}, 512}, nullptr, out.data());
    for (int i = 0; i < 128; ++i) ASSERT_EQ(out[i], i ^ 32);
  }
}

SIMT_KERNEL(128) void waits_for_too_many() {
  if (warp_idx() < 2) {
    named_barrier_sync(3, 96);
  } else {
    sync_threads();
  }
}

TEST_F(Barrier, ADeadlockEndsAndSaysWhoWaitsForWhat) {
  EXPECT_THAT(fault_of([] {
                launch(waits_for_too_many, {{1}, {128}, 0, "stuck"}, nullptr);
              }),
              AllOf(HasSubstr("kernel stuck"),
                    HasSubstr("block (0,0,0): deadlock: warps 0-1 at named_barrier_sync at "
                              "kernels/simt/barrier_test.cpp:"),
                    HasSubstr("barrier 3: 64 of 96 threads have arrived; warps 2-3 at sync_threads at "),
                    HasSubstr("barrier 0: 64 of 128 threads have arrived")));
}

SIMT_KERNEL(128) void named(unsigned id, unsigned threads) { named_barrier_sync(id, threads); }
SIMT_KERNEL(128) void uneven_counts() { named_barrier_sync(1, warp_idx() == 0 ? 64 : 128); }
SIMT_KERNEL(128) void uneven_ids() { named_barrier_sync(1 + lane_idx() % 2, 32); }

TEST_F(Barrier, NamedBarriersCheckTheirArguments) {
  const auto text = [](unsigned id, unsigned threads) {
    return fault_of([&] { launch(named, {{1}, {128}}, nullptr, id, threads); });
  };
  EXPECT_THAT(text(0, 128), HasSubstr("barrier 0: a named barrier is 1 to 15"));
  EXPECT_THAT(text(16, 128), HasSubstr("barrier 16: a named barrier is 1 to 15"));
  EXPECT_THAT(text(1, 33), HasSubstr("must be a multiple of 32"));
  EXPECT_THAT(text(1, 160), HasSubstr("at most the 128 of the block"));
  EXPECT_EQ(text(15, 64), "");
  EXPECT_THAT(fault_of([] { launch(uneven_counts, {{1}, {128}}, nullptr); }), HasSubstr("barrier 1 is for"));
  EXPECT_THAT(fault_of([] { launch(uneven_ids, {{1}, {128}}, nullptr); }), HasSubstr("of the same warp"));
}

SIMT_KERNEL(48) void partial_warp(int* out) {
  int* smem = dynamic_shared<int>();
  const unsigned i = linear_thread_idx();
  smem[i] = static_cast<int>(i);
  sync_warp();
  const int neighbour = smem[i ^ 1];
  sync_threads();
  out[i] = neighbour + smem[47 - i];
}

TEST_F(Barrier, TheLastWarpMayBePartial) {
  std::vector<int> out(48);
  launch(partial_warp, {{1}, {48}, 48 * 4}, nullptr, out.data());
  for (int i = 0; i < 48; ++i) EXPECT_EQ(out[i], (i ^ 1) + 47 - i);
}

SIMT_KERNEL(48) void named_with_partial_warp() { named_barrier_sync(2, 64); }

TEST_F(Barrier, APartialWarpCountsAsAWholeOne) {
  EXPECT_EQ(fault_of([] { launch(named_with_partial_warp, {{1}, {48}}, nullptr); }), "");
}

template <bool SYNC>
SIMT_KERNEL(32)
void within_a_warp(int* out) {
  int* smem = dynamic_shared<int>();
  smem[lane_idx()] = static_cast<int>(lane_idx());
  if (SYNC) sync_warp();
  out[lane_idx()] = smem[31 - lane_idx()];
}

TEST_F(Barrier, AMissingSyncWarpShows) {
  std::vector<int> with(32), without(32);
  launch(within_a_warp<true>, {{1}, {32}, 128}, nullptr, with.data());
  launch(within_a_warp<false>, {{1}, {32}, 128}, nullptr, without.data());
  for (int i = 0; i < 32; ++i) EXPECT_EQ(with[i], 31 - i);
  EXPECT_THAT(without, testing::Contains(-1)) << "poison";
}

// Warps 0 to 2 produce and go on, warp 3 consumes.
template <bool ARRIVES_ONCE>
SIMT_KERNEL(128)
void produce_and_go_on(int* out) {
  int* smem = dynamic_shared<int>();
  const unsigned i = linear_thread_idx();
  for (int round = 0; round < 3; ++round) {
    if (warp_idx() < 3) {
      smem[round * 96 + static_cast<int>(i)] = round * 1000 + static_cast<int>(i);
      named_barrier_arrive(1, 128);
      if (!ARRIVES_ONCE) named_barrier_arrive(1, 128);
      named_barrier_sync(2, 128);
    } else {
      named_barrier_sync(1, 128);
      for (unsigned warp = 0; warp < 3; ++warp)
        out[round * 96 + static_cast<int>(warp * 32 + lane_idx())] =
            smem[round * 96 + static_cast<int>(warp * 32 + lane_idx())];
      named_barrier_arrive(2, 128);
    }
  }
}

TEST_F(Barrier, ArrivalsAreNotWaitedFor) {
  for (int seed = 0; seed < 50; ++seed) {
    set_seed(seed);
    std::vector<int> out(288);
    launch(produce_and_go_on<true>, {{1}, {128}, 288 * 4}, nullptr, out.data());
    for (int i = 0; i < 288; ++i) ASSERT_EQ(out[i], i / 96 * 1000 + i % 96);
  }
}

TEST_F(Barrier, AWarpArrivesOnceForEachTime) {
  EXPECT_THAT(fault_of([] {
                std::vector<int> out(288);
                launch(produce_and_go_on<false>, {{1}, {128}, 288 * 4}, nullptr, out.data());
              }),
              AllOf(HasSubstr("named_barrier_arrive at"), HasSubstr("its warp has arrived at barrier 1 already, ")));
}

}  // namespace
}  // namespace kernelgate::simt

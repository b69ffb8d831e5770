// Atomics across threads, blocks and host cores, and threads that wait for each other by polling.

#include <gmock/gmock.h>

#include <cmath>
#include <utility>
#include <vector>

#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class Atomic : public SimtTest {};

struct Cells {
  float sum_f = 0;
  unsigned sum_u = 0, max_u = 0, min_u = 1000000, wheel = 0;
  int sum_i = 0, max_i = -1000000, min_i = 1000000;
};

SIMT_KERNEL(64) void update(Cells* cells) {
  const unsigned i = block_idx().x * 64 + linear_thread_idx();
  const int centred = static_cast<int>(i) - 500;
  atomic_add(&cells->sum_f, 0.5f);
  atomic_add(&cells->sum_u, i);
  atomic_add(&cells->sum_i, -static_cast<int>(i));
  atomic_max(&cells->max_u, i);
  atomic_min(&cells->min_u, i);
  atomic_max(&cells->max_i, centred);
  atomic_min(&cells->min_i, centred);
  atomic_inc(&cells->wheel, 9);
}

TEST_F(Atomic, EveryUpdateCounts) {
  set_host_threads(4);
  Cells cells;
  launch(update, {{16}, {64}}, nullptr, &cells);
  EXPECT_EQ(cells.sum_f, 512.0f);
  EXPECT_EQ(cells.sum_u, 1023u * 512);
  EXPECT_EQ(cells.sum_i, -1023 * 512);
  EXPECT_EQ(cells.max_u, 1023u);
  EXPECT_EQ(cells.min_u, 0u);
  EXPECT_EQ(cells.max_i, 523);
  EXPECT_EQ(cells.min_i, -500);
  EXPECT_EQ(cells.wheel, 1024u % 10);
}

SIMT_KERNEL(32) void add_tiny(float* global, float* from_shared, float start, float value) {
  auto* shared = dynamic_shared<float>();
  if (lane_idx() != 0) return;
  *global = start;
  store_shared(shared, start);
  atomic_add(global, value);
  atomic_add(shared, value);
  *from_shared = load_shared(shared);
}

TEST_F(Atomic, SumsOfFloatsAreFlushedInGlobalMemoryAlone) {
  const auto sums = [](float start, float value) {
    std::pair<float, float> both;
    launch(add_tiny, {{1}, {32}, 4}, nullptr, &both.first, &both.second, start, value);
    return both;
  };
  EXPECT_EQ(sums(0x1p-130f, 0x1p-130f), std::pair(0.0f, 0x1p-129f));
  EXPECT_EQ(sums(0x1p-126f, 0x1p-130f), std::pair(0x1p-126f, 0x1p-126f + 0x1p-130f));
  EXPECT_EQ(sums(0x1.8p-126f, -0x1p-126f), std::pair(0.0f, 0x1p-127f));
  EXPECT_TRUE(std::signbit(sums(-0x1p-130f, -0x1p-130f).first));
  EXPECT_EQ(sums(1.0f, 0x1p-3f), std::pair(1.125f, 1.125f));
}

// A float sum in the order of the blocks: each waits for the one before it, as split-K does.
SIMT_KERNEL(32) void turnstile(unsigned* turn, float* sum) {
  const unsigned block = block_idx().x;
  if (linear_thread_idx() == 0) {
    while (load_acquire(turn) != block) {
    }
    *sum = *sum / 2 + static_cast<float>(block);
    thread_fence();
    store_release(turn, block + 1);
  }
  sync_threads();
}

TEST_F(Atomic, BlocksMayWaitForLowerOnes) {
  float expected = 0;
  for (int block = 0; block < 20; ++block) expected = expected / 2 + static_cast<float>(block);
  for (const int threads : {1, 2, 7}) {
    set_host_threads(threads);
    unsigned turn = 0;
    float sum = 0;
    launch(turnstile, {{20}, {32}}, nullptr, &turn, &sum);
    EXPECT_EQ(sum, expected);
  }
}

// Lane 31 hands a token to its neighbours one by one; all the others poll.
SIMT_KERNEL(64) void relay(unsigned* token, unsigned* order) {
  const unsigned mine = 63 - linear_thread_idx();
  while (load_volatile(token) != mine) {
  }
  order[mine] = mine;
  atomic_exchange(token, mine + 1);
}

TEST_F(Atomic, ThreadsOfABlockMayWaitForEachOther) {
  unsigned token = 0;
  std::vector<unsigned> order(64, 99);
  launch(relay, {{1}, {64}}, nullptr, &token, order.data());
  for (unsigned i = 0; i < 64; ++i) EXPECT_EQ(order[i], i);
}

SIMT_KERNEL(64) void waits_for_nobody(const unsigned* flag) {
  if (linear_thread_idx() == 0)
    while (load_acquire(flag) == 0) {
    }
  sync_threads();
}

TEST_F(Atomic, PollingForEverIsADeadlock) {
  set_poll_limit(0.05);
  const unsigned flag = 0;
  EXPECT_THAT(fault_of([&] {
                launch(waits_for_nobody, {{1}, {64}, 0, "spins"}, nullptr, &flag);
              }),
              AllOf(HasSubstr("load_acquire at kernels/simt/atomic_test.cpp:"), HasSubstr("nothing but poll memory"),
                    HasSubstr("warp 1 at sync_threads at")));
}

SIMT_KERNEL(1) void add_at(unsigned* at) { atomic_add(at, 1); }

TEST_F(Atomic, ChecksTheAddress) {
  alignas(4) unsigned char bytes[8] = {};
  auto* odd = reinterpret_cast<unsigned*>(bytes + 1);
  EXPECT_THAT(fault_of([&] {
                launch(add_at, {{1}, {1}}, nullptr, odd);
              }),
              HasSubstr("misaligned: the address is 1 bytes past a multiple of 4"));
}

}  // namespace
}  // namespace kernelgate::simt

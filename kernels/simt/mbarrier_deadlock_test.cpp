// Threads that wait or poll at mbarriers get what is under way, and are told when nothing is.

#include <gmock/gmock.h>

#include <chrono>
#include <vector>

#include "kernels/simt/fake_bulk_copy_for_test.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class MbarrierDeadlock : public SimtTest {};

// What a deadlock says of a producer and consumers who have come apart.
SIMT_KERNEL(160) void come_apart() {
  auto* mbarrier = dynamic_shared<Mbarrier>() + 2;
  if (linear_thread_idx() == 0) mbarrier_init(mbarrier, 2);
  sync_threads();
  if (warp_idx() == 4) {
    if (lane_idx() == 0) {
      for (int phase = 0; phase < 3; ++phase)
        for (int i = 0; i < 2; ++i) mbarrier_arrive(mbarrier);
      mbarrier_arrive_expect_tx(mbarrier, 8192);
      mbarrier_wait(mbarrier, 1);
    }
  } else if (warp_idx() < 3) {
    named_barrier_sync(1, 128);
  } else if (lane_idx() < 30) {
    mbarrier_wait(mbarrier, 1);
  } else {
    sync_warp();
  }
}

TEST_F(MbarrierDeadlock, ADeadlockSaysWhoWaitsForWhat) {
  int whole = 0;
  for (int seed = 0; seed < 30; ++seed) {
    set_seed(seed);
    const std::string text = fault_of([] { launch(come_apart, {{1}, {160}, 64, "apart"}, nullptr); });
    if (text.find("phase 3 (parity 1)") == std::string::npos) continue;
    ++whole;
    EXPECT_THAT(
        text,
        AllOf(HasSubstr("kernel apart"), HasSubstr("block (0,0,0): deadlock: warps 0-2 at named_barrier_sync at "),
              HasSubstr("barrier 1: 96 of 128 threads have arrived; warp 3 2 of 32 lanes at sync_warp at "),
              HasSubstr("; warp 4 thread (128,0,0) at mbarrier_wait at kernels/simt/mbarrier_deadlock_test.cpp:"),
              HasSubstr(", mbarrier at offset 16: phase 3 (parity 1), 1 of 2 arrivals and 8192 bytes missing, "
                        "31 lanes exited")));
  }
  EXPECT_GT(whole, 10);
}

template <bool TRY>
SIMT_KERNEL(64)
void polls_for_ever() {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  if (linear_thread_idx() == 0) mbarrier_init(mbarrier, 2);
  sync_threads();
  if (linear_thread_idx() == 0) mbarrier_arrive(mbarrier);
  while (!(TRY ? mbarrier_try_wait(mbarrier, 0) : mbarrier_test_wait(mbarrier, 0))) {
    if (TRY) nanosleep(20);
  }
}

TEST_F(MbarrierDeadlock, PollingForEverEndsAtOnce) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(fault_of([] {
                launch(polls_for_ever<false>, {{1}, {64}, 64}, nullptr);
              }),
              AllOf(HasSubstr("the threads that could run only poll mbarriers"),
                    HasSubstr("deadlock: warps 0-1 at mbarrier_test_wait at"), HasSubstr("1 of 2 arrivals missing")));
  EXPECT_THAT(fault_of([] {
                launch(polls_for_ever<true>, {{1}, {64}, 64}, nullptr);
              }),
              HasSubstr("the threads that could run only poll mbarriers"));
  // Not a matter of speed: it would be the poll limit, of 60 s, otherwise.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
}

// A kernel's own loop around a poll gets its bytes, though nobody ever stops running.
SIMT_KERNEL(64) void polls_for_bytes(const float* from, float* out) {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  auto* tile = dynamic_shared<float>() + 4;
  if (linear_thread_idx() == 0) {
    mbarrier_init(mbarrier, 1);
    fence_mbarrier_init();
    mbarrier_arrive_expect_tx(mbarrier, 256);
    fake_bulk_load(tile, from, 256, mbarrier);
  }
  sync_threads();
  while (!mbarrier_test_wait(mbarrier, 0)) {
  }
  out[linear_thread_idx()] = tile[linear_thread_idx()];
}

TEST_F(MbarrierDeadlock, PollingGetsWhatIsUnderWay) {
  std::vector<float> from(64, 5), out(64);
  for (int seed = 0; seed < 40; ++seed) {
    set_seed(seed);
    std::fill(out.begin(), out.end(), 0.0f);
    launch(polls_for_bytes, {{1}, {64}, 512}, nullptr, from.data(), out.data());
    ASSERT_EQ(out, from);
  }
}

}  // namespace
}  // namespace kernelgate::simt

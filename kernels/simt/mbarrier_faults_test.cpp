// Each way to get an mbarrier wrong is an error that says what is wrong.

#include <gmock/gmock.h>

#include <vector>

#include "kernels/simt/fake_bulk_copy_for_test.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class MbarrierFaults : public SimtTest {};

// One thread of one block does what it is told.
using Act = void (*)(Mbarrier*);
SIMT_KERNEL(1) void act(Act what) { what(dynamic_shared<Mbarrier>()); }
std::string text_of(Act what) {
  return fault_of([&] { launch(act, {{1}, {1}, 64, "acts"}, nullptr, what); });
}

TEST_F(MbarrierFaults, Init) {
  EXPECT_EQ(text_of([](Mbarrier* m) { mbarrier_init(m, (1 << 20) - 1); }), "");
  EXPECT_THAT(text_of([](Mbarrier* m) { mbarrier_init(m, 0); }),
              AllOf(HasSubstr("kernel acts (launched at kernels/simt/mbarrier_faults_test.cpp:"),
                    HasSubstr("block (0,0,0), thread (0,0,0) (warp 0, lane 0): mbarrier_init at kernels/simt/"),
                    HasSubstr("a count of 0: must be 1 to 1048575")));
  EXPECT_THAT(text_of([](Mbarrier* m) { mbarrier_init(m, 1 << 20); }), HasSubstr("a count of 1048576"));
  EXPECT_THAT(text_of([](Mbarrier* m) { mbarrier_init(m + 8, 1); }),
              HasSubstr("out of bounds: the mbarrier is at offset 64 of its 64 bytes"));
  EXPECT_THAT(
      text_of([](Mbarrier* m) { mbarrier_init(reinterpret_cast<Mbarrier*>(reinterpret_cast<char*>(m) + 4), 1); }),
      HasSubstr("misaligned: the mbarrier is at offset 4 of its 64 bytes of shared memory, must be at a "
                "multiple of 8"));
  EXPECT_THAT(text_of([](Mbarrier* m) {
                mbarrier_init(m + 1, 1);
                mbarrier_init(m + 1, 1);
              }),
              AllOf(HasSubstr("mbarrier at offset 8 lives already, since mbarrier_init at kernels/simt/"),
                    HasSubstr("by thread (0,0,0); mbarrier_invalidate it first")));
}

TEST_F(MbarrierFaults, UseOfOneThatDoesNotLive) {
  const char* none = "no mbarrier lives at offset 0 of its 64 bytes of shared memory: mbarrier_init";
  EXPECT_THAT(text_of([](Mbarrier* m) { mbarrier_arrive(m); }),
              AllOf(HasSubstr("mbarrier_arrive at"), HasSubstr(none)));
  EXPECT_THAT(text_of([](Mbarrier* m) { mbarrier_wait(m, 0); }), HasSubstr(none));
  EXPECT_THAT(text_of([](Mbarrier* m) { mbarrier_expect_tx(m, 16); }), HasSubstr(none));
  EXPECT_THAT(text_of([](Mbarrier* m) { mbarrier_invalidate(m); }), HasSubstr(none));
  EXPECT_THAT(text_of([](Mbarrier* m) {
                mbarrier_init(m, 1);
                mbarrier_invalidate(m);
                mbarrier_try_wait(m, 0);
              }),
              AllOf(HasSubstr("mbarrier_try_wait at"), HasSubstr(none)));
  EXPECT_THAT(text_of([](Mbarrier* m) {
                mbarrier_init(m, 1);
                mbarrier_arrive(m + 100);
              }),
              HasSubstr("out of bounds: the mbarrier is at offset 800"));
}

TEST_F(MbarrierFaults, Overwritten) {
  EXPECT_THAT(text_of([](Mbarrier* m) {
                mbarrier_init(m, 1);
                *reinterpret_cast<float*>(m) = 1;
                mbarrier_arrive(m);
              }),
              HasSubstr("mbarrier at offset 0 has been overwritten since mbarrier_init at kernels/simt/"));
}

TEST_F(MbarrierFaults, Counts) {
  EXPECT_THAT(
      text_of([](Mbarrier* m) {
        mbarrier_init(m, 2);
        mbarrier_expect_tx(m, 512);
        for (int i = 0; i < 3; ++i) mbarrier_arrive(m);
      }),
      HasSubstr("mbarrier at offset 0: all 2 arrivals of phase 0 have been made already, 512 bytes are missing"));
  EXPECT_THAT(text_of([](Mbarrier* m) {
                mbarrier_init(m, 1);
                mbarrier_expect_tx(m, 1 << 19);
                mbarrier_expect_tx(m, 1 << 19);
              }),
              HasSubstr("expects 524288 bytes more than the 524288 it waits for: at most 1048575"));
}

SIMT_KERNEL(1) void loads(const float* from, unsigned expected, unsigned copies) {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  mbarrier_init(mbarrier, 1);
  fence_mbarrier_init();
  for (unsigned i = 0; i < copies; ++i) fake_bulk_load(mbarrier + 2, from, 32, mbarrier);
  mbarrier_arrive_expect_tx(mbarrier, expected);
  mbarrier_wait(mbarrier, 0);
}

TEST_F(MbarrierFaults, MoreBytesThanExpected) {
  const float from[8] = {};
  int at_wait = 0;
  for (int seed = 0; seed < 40; ++seed) {
    set_seed(seed);
    EXPECT_EQ(fault_of([&] { launch(loads, {{1}, {1}, 64}, nullptr, from, 64u, 2u); }), "");
    const std::string text = fault_of([&] { launch(loads, {{1}, {1}, 64, "loads"}, nullptr, from, 32u, 3u); });
    // Early: the bytes are there before the arrival. Late: the first copy ends the phase, the others come too late.
    const bool at_arrival =
        text.find("phase 0 has all its 1 arrivals and 64 bytes more than were expected") != std::string::npos;
    const bool too_late = text.find("bytes more than were expected have arrived in phase 1") != std::string::npos ||
                          text.find("thread (0,0,0) is still under way in its shared memory") != std::string::npos;
    ASSERT_TRUE(at_arrival || too_late) << text;
    at_wait += at_arrival;
  }
  EXPECT_GT(at_wait, 0);
  EXPECT_LT(at_wait, 40);
}

TEST_F(MbarrierFaults, BytesThatNeverComeAreADeadlock) {
  const float from[8] = {};
  EXPECT_THAT(fault_of([&] {
                launch(loads, {{1}, {1}, 64, "loads"}, nullptr, from, 8192u + 32, 1u);
              }),
              AllOf(HasSubstr("deadlock: warp 0 at mbarrier_wait at kernels/simt/mbarrier_faults_test.cpp:"),
                    HasSubstr(", mbarrier at offset 0: phase 0 (parity 0), 8192 bytes missing")));
}

SIMT_KERNEL(64) void nobody_waits(const float* from) {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  if (linear_thread_idx() != 0) return;
  mbarrier_init(mbarrier, 1);
  fence_mbarrier_init();
  mbarrier_arrive_expect_tx(mbarrier, 32);
  fake_bulk_load(mbarrier + 2, from, 32, mbarrier);
}

TEST_F(MbarrierFaults, ABlockThatEndsBeforeItsLoad) {
  const float from[8] = {};
  for (int seed = 0; seed < 40; ++seed) {
    set_seed(seed);
    const std::string text = fault_of([&] { launch(nobody_waits, {{1}, {64}, 64}, nullptr, from); });
    const bool under_way = text.find("fake_bulk_load at kernels/simt/mbarrier_faults_test.cpp:") != std::string::npos &&
                           text.find("is still under way in its shared memory") != std::string::npos;
    const bool landed = text.find(
                            "no thread has waited for the end of phase 0, so the block might be gone before the "
                            "bytes of fake_bulk_load at") != std::string::npos;
    ASSERT_NE(under_way, landed) << text;
    ASSERT_THAT(text, HasSubstr("the last of its block to return from the kernel"));
  }
}

SIMT_KERNEL(1) void expects_and_goes() {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  mbarrier_init(mbarrier, 1);
  mbarrier_arrive_expect_tx(mbarrier, 512);
}
SIMT_KERNEL(1) void floods(const float* from) {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  mbarrier_init(mbarrier, 1);
  fence_mbarrier_init();
  for (int i = 0; i < 9; ++i) fake_bulk_load(mbarrier + 2, from, 1 << 17, mbarrier);
  mbarrier_wait(mbarrier, 0);
}

TEST_F(MbarrierFaults, BytesLeftOverAndTooMany) {
  EXPECT_THAT(fault_of([] {
                launch(expects_and_goes, {{1}, {1}, 64}, nullptr);
              }),
              HasSubstr("mbarrier at offset 0: phase 0 (parity 0), 512 bytes missing"));
  const std::vector<float> from(1 << 15);
  EXPECT_THAT(fault_of([&] {
                launch(floods, {{1}, {1}, (1 << 17) + 64}, nullptr, from.data());
              }),
              HasSubstr("1048576 bytes more than expected have arrived: at most 1048575"));
}

// The second warp looks only now and then, and nobody waits for it.
SIMT_KERNEL(64) void laps(bool polls) {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  if (linear_thread_idx() == 0) mbarrier_init(mbarrier, 32);
  sync_threads();
  if (warp_idx() == 0) {
    for (int i = 0; i < 10; ++i) {
      nanosleep(1);
      mbarrier_arrive(mbarrier);
    }
  } else if (polls) {
    for (unsigned phase = 0; phase < 3; ++phase)
      while (!mbarrier_test_wait(mbarrier, phase & 1)) {
      }
  } else {
    for (unsigned phase = 0; phase < 3; ++phase) mbarrier_wait(mbarrier, phase & 1);
  }
}

TEST_F(MbarrierFaults, AThreadThatIsLapped) {
  int waits = 0, polls = 0;
  for (int seed = 0; seed < 40; ++seed) {
    set_seed(seed);
    const auto lapped = [&](bool poll) {
      return fault_of([&] {
               launch(laps, {{1}, {64}, 64}, nullptr, poll);
             }).find("has ended too, and a wait by parity takes it for not over") != std::string::npos;
    };
    waits += lapped(false);
    polls += lapped(true);
  }
  EXPECT_GT(waits, 5);
  EXPECT_GT(polls, 20);
}

template <bool FENCE>
SIMT_KERNEL(32)
void loads_after(const float* from) {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  if (lane_idx() == 3) {
    mbarrier_init(mbarrier, 1);
    if (FENCE) fence_proxy_async();  // its own block's copies see it after this one as well
  }
  sync_warp();
  if (lane_idx() == 5) {
    mbarrier_arrive_expect_tx(mbarrier, 32);
    fake_bulk_load(mbarrier + 2, from, 32, mbarrier);
  }
  mbarrier_wait(mbarrier, 0);
}

TEST_F(MbarrierFaults, ACopyThatDoesNotSeeTheMbarrier) {
  const float from[8] = {};
  EXPECT_EQ(fault_of([&] { launch(loads_after<true>, {{1}, {32}, 64}, nullptr, from); }), "");
  EXPECT_THAT(
      fault_of([&] {
        launch(loads_after<false>, {{1}, {32}, 64}, nullptr, from);
      }),
      AllOf(HasSubstr("thread (5,0,0) (warp 0, lane 5): fake_bulk_load at"),
            HasSubstr("mbarrier at offset 0 was made by thread (3,0,0) of block (0,0,0) with mbarrier_init at "),
            HasSubstr("which has not executed fence_mbarrier_init since")));
}

SIMT_KERNEL(64) void invalidated_under_a_waiter() {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  if (linear_thread_idx() == 0) mbarrier_init(mbarrier, 1);
  sync_threads();
  if (linear_thread_idx() == 40) mbarrier_wait(mbarrier, 0);
  if (warp_idx() == 0) {
    for (int i = 0; i < 500; ++i) nanosleep(1);
    if (lane_idx() == 0) mbarrier_invalidate(mbarrier);
  }
}

TEST_F(MbarrierFaults, InvalidatedWhileAThreadWaits) {
  EXPECT_THAT(fault_of([] {
                launch(invalidated_under_a_waiter, {{1}, {64}, 64}, nullptr);
              }),
              HasSubstr("mbarrier at offset 0: 1 threads wait for it, the first is (40,0,0)"));
}

}  // namespace
}  // namespace kernelgate::simt

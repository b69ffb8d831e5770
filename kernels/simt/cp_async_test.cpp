// cp.async: what it copies, when it may be read, and what it refuses.

#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class CpAsync : public SimtTest {};

template <int BYTES>
SIMT_KERNEL(32)
void copy_part(const unsigned char* from, unsigned char* to, int source_bytes) {
  auto* smem = dynamic_shared<unsigned char>();
  const unsigned at = lane_idx() * BYTES;
  cp_async<BYTES>(smem + at, from + at, source_bytes);
  cp_async_commit();
  cp_async_wait<0>();
  for (int i = 0; i < BYTES; ++i) to[at + static_cast<unsigned>(i)] = smem[at + static_cast<unsigned>(i)];
}

template <int BYTES>
void check_zero_fill() {
  alignas(16) unsigned char from[32 * BYTES];
  for (int i = 0; i < 32 * BYTES; ++i) from[i] = static_cast<unsigned char>(1 + i % 255);
  for (int source_bytes = 0; source_bytes <= BYTES; ++source_bytes)
    for (int seed = 0; seed < 8; ++seed) {
      set_seed(seed);
      std::vector<unsigned char> to(32 * BYTES, 0xee);
      launch(copy_part<BYTES>, {{1}, {32}, 32 * BYTES}, nullptr, from, to.data(), source_bytes);
      for (int i = 0; i < 32 * BYTES; ++i) ASSERT_EQ(to[i], i % BYTES < source_bytes ? from[i] : 0);
    }
}

TEST_F(CpAsync, CopiesAndFillsTheRestWithZeros) {
  check_zero_fill<4>();
  check_zero_fill<8>();
  check_zero_fill<16>();
}

// Four groups of one copy each; reads them all when at most PENDING are under way.
template <int PENDING, bool COMMIT_LAST = true>
SIMT_KERNEL(1)
void four_groups(const float* from, float* to) {
  auto* smem = dynamic_shared<float>();
  for (int i = 0; i < 4; ++i) {
    cp_async<4>(smem + i, from + i);
    if (COMMIT_LAST || i < 3) cp_async_commit();
  }
  cp_async_wait<PENDING>();
  for (int i = 0; i < 4; ++i) to[i] = smem[i];
}

template <int PENDING, bool COMMIT_LAST>
int least_landed() {
  const float from[4] = {1, 2, 3, 4};
  int least = 4;
  for (int seed = 0; seed < 50; ++seed) {
    set_seed(seed);
    float to[4];
    launch(four_groups<PENDING, COMMIT_LAST>, {{1}, {1}, 16}, nullptr, from, to);
    int landed = 0;
    while (landed < 4 && to[landed] == from[landed]) ++landed;
    for (int i = landed; i < 4; ++i) {
      std::uint32_t bits;
      std::memcpy(&bits, &to[i], 4);
      EXPECT_TRUE(bits == 0xffffffffu || to[i] == from[i]) << "poison, or landed early";
    }
    least = std::min(least, landed);
  }
  return least;
}

TEST_F(CpAsync, AWaitCoversAllButTheLatestGroups) {
  EXPECT_EQ((least_landed<0, true>()), 4);
  EXPECT_EQ((least_landed<1, true>()), 3);
  EXPECT_EQ((least_landed<3, true>()), 1);
  EXPECT_EQ((least_landed<4, true>()), 0);
}

TEST_F(CpAsync, AWaitDoesNotCoverWhatWasNotCommitted) { EXPECT_EQ((least_landed<0, false>()), 3); }

TEST_F(CpAsync, LandsEarlyUnderSomeSeeds) {
  const float from[4] = {1, 2, 3, 4};
  int early = 0;
  for (int seed = 0; seed < 100; ++seed) {
    set_seed(seed);
    float to[4];
    launch(four_groups<4>, {{1}, {1}, 16}, nullptr, from, to);
    early += to[3] == 4;
  }
  EXPECT_GT(early, 5);
  EXPECT_LT(early, 60);
}

// What was there before the copy was issued must not be mistaken for what it brings.
SIMT_KERNEL(1) void copy_over_old_data(const float* from, std::uint32_t* to) {
  auto* smem = dynamic_shared<float>();
  smem[0] = 7;
  cp_async<4>(smem, from);
  std::memcpy(to, smem, 4);
}

TEST_F(CpAsync, TheDestinationIsPoisonFromIssueToLanding) {
  const float from = 1;
  int poison = 0;
  for (int seed = 0; seed < 100; ++seed) {
    set_seed(seed);
    std::uint32_t to = 0;
    launch(copy_over_old_data, {{1}, {1}, 16}, nullptr, &from, &to);
    ASSERT_TRUE(to == 0xffffffffu || to == 0x3f800000u) << to;
    poison += to == 0xffffffffu;
  }
  EXPECT_GT(poison, 40);
  EXPECT_LT(poison, 95) << "no copy ever lands at once";
}

// A copy reads its source when it lands, not when it is issued.
SIMT_KERNEL(1) void source_changes(float* from, float* to) {
  auto* smem = dynamic_shared<float>();
  cp_async<4>(smem, from);
  cp_async_commit();
  *from = 2;
  cp_async_wait<0>();
  *to = *smem;
}

TEST_F(CpAsync, TheSourceMustNotChangeMeanwhile) {
  int changed = 0;
  for (int seed = 0; seed < 40; ++seed) {
    set_seed(seed);
    float from = 1, to = 0;
    launch(source_changes, {{1}, {1}, 16}, nullptr, &from, &to);
    changed += to == 2;
  }
  EXPECT_GT(changed, 15);
  EXPECT_LT(changed, 40);
}

SIMT_KERNEL(64) void leaves_a_copy_behind(const unsigned* from, unsigned* to) {
  auto* smem = dynamic_shared<unsigned>();
  if (linear_thread_idx() == 0) {
    cp_async<4>(smem, from);
  } else if (linear_thread_idx() == 32) {
    while (load_volatile(smem) == 0xffffffffu) {
    }
    *to = *smem;
  }
}

TEST_F(CpAsync, LandsAtLastWhenItsThreadExits) {
  set_poll_limit(0.5);
  for (int seed = 0; seed < 20; ++seed) {
    set_seed(seed);
    const unsigned from = 42;
    unsigned to = 0;
    launch(leaves_a_copy_behind, {{1}, {64}, 16}, nullptr, &from, &to);
    ASSERT_EQ(to, 42u);
  }
}

// The copy must not be complete for other threads before the barrier behind the wait.
template <bool BARRIER>
SIMT_KERNEL(64)
void other_threads_copy(const float* from, float* to) {
  auto* smem = dynamic_shared<float>();
  const unsigned i = linear_thread_idx();
  cp_async<4>(smem + i, from + i);
  cp_async_commit();
  cp_async_wait<0>();
  if (BARRIER) sync_threads();
  to[i] = smem[63 - i];
}

TEST_F(CpAsync, OtherThreadsNeedABarrierBehindTheWait) {
  std::vector<float> from(64);
  for (int i = 0; i < 64; ++i) from[i] = static_cast<float>(i);
  for (int seed = 0; seed < 50; ++seed) {
    set_seed(seed);
    std::vector<float> with(64), without(64);
    launch(other_threads_copy<true>, {{1}, {64}, 256}, nullptr, from.data(), with.data());
    launch(other_threads_copy<false>, {{1}, {64}, 256}, nullptr, from.data(), without.data());
    ASSERT_TRUE(std::equal(with.begin(), with.end(), from.rbegin()));
    ASSERT_FALSE(std::equal(without.begin(), without.end(), from.rbegin())) << seed;
  }
}

struct Offsets {
  int shared, global, source_bytes;
};
SIMT_KERNEL(1) void copy_16(const char* from, const Offsets at) {
  cp_async<16>(dynamic_shared<char>() + at.shared, from + at.global, at.source_bytes);
}
SIMT_KERNEL(1) void copy_from_shared(int source_bytes) {
  cp_async<16>(dynamic_shared<char>(), dynamic_shared<char>() + 16, source_bytes);
}

TEST_F(CpAsync, ChecksBothAddresses) {
  alignas(16) const char from[64] = {};
  const auto text = [&](const Offsets& at) {
    return fault_of([&] { launch(copy_16, {{1}, {1}, 64, "copies"}, nullptr, from, at); });
  };
  EXPECT_EQ(text({48, 16, 16}), "");
  EXPECT_THAT(text({8, 0, 16}),
              AllOf(HasSubstr("kernel copies"), HasSubstr("cp_async at kernels/simt/cp_async_test.cpp:"),
                    HasSubstr("misaligned: writes 16 bytes at offset 8 of its 64 bytes of shared memory")));
  EXPECT_THAT(text({0, 2, 16}), HasSubstr("misaligned: reads from 2 bytes past a multiple of 16"));
  EXPECT_THAT(text({64, 0, 16}), HasSubstr("out of bounds: writes 16 bytes at offset 64 of its 64 bytes"));
  EXPECT_THAT(text({56, 0, 16}), HasSubstr("out of bounds"));
  EXPECT_THAT(text({-16, 0, 16}), HasSubstr("out of bounds: writes 16 bytes at offset -16"));
  EXPECT_THAT(text({0, 0, 17}), HasSubstr("source_bytes is 17, must be 0 to 16"));
  EXPECT_THAT(text({0, 0, -1}), HasSubstr("source_bytes is -1"));
  const auto from_shared = [](int source_bytes) {
    return fault_of([=] { launch(copy_from_shared, {{1}, {1}, 64}, nullptr, source_bytes); });
  };
  EXPECT_THAT(from_shared(16), HasSubstr("must be in global memory"));
  EXPECT_THAT(from_shared(1), HasSubstr("must be in global memory"));
  EXPECT_EQ(from_shared(0), "");  // where nothing is read the address may be anything that is aligned
}

}  // namespace
}  // namespace kernelgate::simt

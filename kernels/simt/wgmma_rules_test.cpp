// When wgmma's operands are read and its results may be, and whose its registers are meanwhile.

#include <gmock/gmock.h>

#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include "kernels/op/f16.h"
#include "kernels/simt/simt.h"
#include "kernels/simt/wgmma_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class WgmmaRules : public SimtTest {};

// --- When results may be read ----------------------------------------------------------------------------------------

// Two groups on two accumulators; all registers as they are when at most PENDING groups are under way.
template <int PENDING, bool COMMIT_SECOND>
SIMT_KERNEL(128)
void two_groups(float* out) {
  char* smem = tiles_of_ones();
  float first[4] = {}, second[4] = {};
  wgmma_fence();
  wgmma_m64nNk16<8>(first, tile_a(smem), tile_b(smem), true);
  wgmma_commit();
  wgmma_m64nNk16<8>(second, tile_a(smem), tile_b(smem), true);
  if (COMMIT_SECOND) wgmma_commit();
  wgmma_wait<PENDING>(first);
  out[linear_thread_idx()] = first[0];
  out[128 + linear_thread_idx()] = second[0];
  wgmma_commit();
  wgmma_wait<0>(second);
}

template <int PENDING, bool COMMIT_SECOND>
void check_groups(bool first_is_over, bool second_is_over) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    set_seed(seed);
    std::vector<float> out(256, -1);
    launch(two_groups<PENDING, COMMIT_SECOND>, {{1}, {128}, TILE_BYTES}, nullptr, out.data());
    // Poison under every seed, not only when it lands late.
    const auto held = [](bool is_over) { return is_over ? std::bit_cast<std::uint32_t>(16.0f) : 0xffffffffu; };
    for (std::size_t i = 0; i < 128; ++i) {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(out[i]), held(first_is_over));
      ASSERT_EQ(std::bit_cast<std::uint32_t>(out[128 + i]), held(second_is_over));
    }
  }
}

TEST_F(WgmmaRules, AWaitCoversAllButTheLatestGroups) {
  check_groups<0, true>(true, true);
  check_groups<1, true>(true, false);
  check_groups<2, true>(false, false);
  check_groups<7, true>(false, false);
}

TEST_F(WgmmaRules, AWaitDoesNotCoverWhatWasNotCommitted) {
  check_groups<0, false>(true, false);
  check_groups<1, false>(false, false);
}

// Eight wgmma in four groups on one accumulator, no fence between them; over only when the last one is.
SIMT_KERNEL(128) void chain(float* out) {
  char* smem = tiles_of_ones();
  float d[4] = {1, 1, 1, 1};
  wgmma_fence();
  for (int i = 0; i < 8; ++i) {
    wgmma_m64nNk16<8>(d, tile_a(smem), tile_b(smem), true);
    if (i % 2 == 1) wgmma_commit();
    if (i % 2 == 1) wgmma_wait<1>();
  }
  out[128 + linear_thread_idx()] = d[0];
  wgmma_wait<0>(d);
  out[linear_thread_idx()] = d[0];
  wgmma_m64nNk16<8>(d, tile_a(smem), tile_b(smem), true);  // no thread has touched d: it needs no fence
  wgmma_commit();
  wgmma_wait<0>(d);
  out[256 + linear_thread_idx()] = d[0];
}

TEST_F(WgmmaRules, WgmmaOnOneAccumulatorFollowEachOther) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    set_seed(seed);
    std::vector<float> out(384);
    launch(chain, {{1}, {128}, TILE_BYTES}, nullptr, out.data());
    ASSERT_EQ(out[5], 129);
    ASSERT_TRUE(std::isnan(out[128 + 5]));
    ASSERT_EQ(out[256 + 5], 145);
  }
}

// The first of two does not read d, which holds NaN, the second one does: they are done in the order of issue.
SIMT_KERNEL(128) void overwrites_then_adds(float* out) {
  char* smem = tiles_of_ones();
  float d[4] = {NAN, NAN, NAN, NAN};
  wgmma_fence();
  wgmma_m64nNk16<8>(d, tile_a(smem), tile_b(smem), false);
  wgmma_m64nNk16<8>(d, tile_a(smem), tile_b(smem), true);
  for (int i = 0; i < 40; ++i) load_volatile(out);  // whoever polls gives them time to land
  wgmma_commit();
  wgmma_wait<0>(d);
  if (linear_thread_idx() == 0) *out = d[0];
}

TEST_F(WgmmaRules, WgmmaOfAWarpgroupAreDoneInTheOrderOfIssue) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    set_seed(seed);
    float out = 0;
    launch(overwrites_then_adds, {{1}, {128}, TILE_BYTES}, nullptr, &out);
    ASSERT_EQ(out, 32);
  }
}

// --- When operands are read ------------------------------------------------------------------------------------------

SIMT_KERNEL(128) void overwrites_a_tile(float* out) {
  char* smem = tiles_of_ones();
  float d[4] = {};
  wgmma_fence();
  wgmma_m64nNk16<8>(d, tile_a(smem), tile_b(smem), true);
  wgmma_commit();
  fill(smem, A_BYTES, 2);
  sync_threads();
  wgmma_wait<0>(d);
  if (linear_thread_idx() == 0) *out = d[0];
}

// The same while all wait for a load that is under way too. Where operations land late it is that which helps them,
// never the wgmma.
SIMT_KERNEL(128) void overwrites_a_tile_after_a_load(const Vec4* from, float* out) {
  char* smem = tiles_of_ones();
  auto* mbarrier = reinterpret_cast<Mbarrier*>(smem + TILE_BYTES + 16);
  if (linear_thread_idx() == 0) {
    mbarrier_init(mbarrier, 1);
    fence_mbarrier_init();
  }
  sync_threads();
  float d[4] = {};
  wgmma_fence();
  wgmma_m64nNk16<8>(d, tile_a(smem), tile_b(smem), true);
  wgmma_commit();
  if (linear_thread_idx() == 0) {
    mbarrier_arrive_expect_tx(mbarrier, 16);
    bulk_load(smem + TILE_BYTES, from, 16, mbarrier);
  }
  mbarrier_wait(mbarrier, 0);
  fill(smem, A_BYTES, 2);
  sync_threads();
  wgmma_wait<0>(d);
  if (linear_thread_idx() == 0) *out = d[0];
}

TEST_F(WgmmaRules, IsLateThoughOthersMustLand) {
  const Vec4 from{};
  int new_ones = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    set_seed(seed);
    float out = 0;
    launch(overwrites_a_tile_after_a_load, {{1}, {128}, TILE_BYTES + 24}, nullptr, &from, &out);
    new_ones += out == 32;
  }
  EXPECT_GT(new_ones, 24) << "half of the seeds land late";
}

TEST_F(WgmmaRules, ATileThatIsOverwrittenBeforeTheWaitShows) {
  int old_ones = 0, new_ones = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    set_seed(seed);
    float out = 0;
    launch(overwrites_a_tile, {{1}, {128}, TILE_BYTES}, nullptr, &out);
    old_ones += out == 16;
    new_ones += out == 32;
  }
  EXPECT_GT(old_ones, 5) << "none is read when it is issued";
  EXPECT_GT(new_ones, 20) << "few are read as late as the wait";
}

template <bool WAIT_FIRST>
SIMT_KERNEL(128)
void overwrites_a_register(float* out) {
  char* smem = tiles_of_ones();
  float d[4] = {};
  std::uint32_t a[4] = {};
  wgmma_fence();
  wgmma_m64nNk16<8>(d, a, tile_b(smem), true);
  wgmma_commit();
  if (WAIT_FIRST) wgmma_wait<0>(d);
  if (linear_thread_idx() == 37) a[2] = 5;
  wgmma_wait<0>(d);
  if (linear_thread_idx() == 0) *out = d[0];
}

TEST_F(WgmmaRules, RegistersOfAMustStayUntilTheWait) {
  float out = -1;
  EXPECT_EQ(fault_of_kernel(overwrites_a_register<true>, &out), "");
  EXPECT_EQ(out, 0);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    set_seed(seed);
    EXPECT_THAT(fault_of_kernel(overwrites_a_register<false>, &out),
                AllOf(HasSubstr("kernel rules"), HasSubstr("thread (37,0,0) (warp 1, lane 5): wgmma_wait at "),
                      HasSubstr("wrote to the registers of A of wgmma_m64nNk16 at kernels/simt/wgmma_rules_test.cpp:"),
                      HasSubstr("before this wait")));
  }
}

// --- wgmma_fence -----------------------------------------------------------------------------------------------------

enum class Fences { all, no_first, no_second };

template <Fences FENCES>
SIMT_KERNEL(128)
void writes_d_in_between() {
  char* smem = tiles_of_ones();
  float d[4] = {};
  if (FENCES != Fences::no_first) wgmma_fence();
  wgmma_m64nNk16<8>(d, tile_a(smem), tile_b(smem), true);
  wgmma_commit();
  wgmma_wait<0>(d);
  if (linear_thread_idx() == 99) d[3] += 1;
  if (FENCES != Fences::no_second) wgmma_fence();
  wgmma_m64nNk16<8>(d, tile_a(smem), tile_b(smem), true);
  wgmma_commit();
  wgmma_wait<0>(d);
}

TEST_F(WgmmaRules, WhatThreadsWroteToDNeedsAFence) {
  EXPECT_EQ(fault_of_kernel(writes_d_in_between<Fences::all>), "");
  EXPECT_THAT(
      fault_of_kernel(writes_d_in_between<Fences::no_first>),
      HasSubstr("the registers of d are used for the first time, with no wgmma_fence since the last wgmma_wait"));
  EXPECT_THAT(fault_of_kernel(writes_d_in_between<Fences::no_second>),
              AllOf(HasSubstr("thread (99,0,0) (warp 3, lane 3): wgmma_m64nNk16 at "),
                    HasSubstr("wrote to the registers of d after wgmma_m64nNk16 at kernels/simt/wgmma_rules_test.cpp:"),
                    HasSubstr("wgmma_fence must come in between")));
}

template <Fences FENCES>
SIMT_KERNEL(128)
void writes_a_in_between() {
  char* smem = tiles_of_ones();
  float d[4] = {};
  std::uint32_t a[4] = {}, other[4] = {};
  wgmma_fence();
  wgmma_m64nNk16<8>(d, a, tile_b(smem), true);
  wgmma_commit();
  wgmma_wait<0>(d);
  if (linear_thread_idx() == 99) a[0] = 1;
  if (FENCES != Fences::no_second) wgmma_fence();
  if (FENCES == Fences::no_first) wgmma_wait<0>();
  wgmma_m64nNk16<8>(d, FENCES == Fences::no_first ? other : a, tile_b(smem), true);
  wgmma_commit();
  wgmma_wait<0>(d);
}

TEST_F(WgmmaRules, WhatThreadsWroteToANeedsAFence) {
  EXPECT_EQ(fault_of_kernel(writes_a_in_between<Fences::all>), "");
  EXPECT_THAT(fault_of_kernel(writes_a_in_between<Fences::no_first>),
              HasSubstr("the registers of A are used for the first time"));
  EXPECT_THAT(fault_of_kernel(writes_a_in_between<Fences::no_second>),
              AllOf(HasSubstr("thread (99,0,0)"), HasSubstr("wrote to the registers of A since the last wgmma_fence")));
}

enum class Then { wait, fence, wgmma };

template <Then THEN>
SIMT_KERNEL(128)
void writes_d_under_way() {
  char* smem = tiles_of_ones();
  float d[4] = {};
  wgmma_fence();
  wgmma_m64nNk16<8>(d, tile_a(smem), tile_b(smem), true);
  wgmma_commit();
  if (linear_thread_idx() == 64) d[1] = 0;
  if (THEN == Then::fence) wgmma_fence();
  if (THEN == Then::wgmma) wgmma_m64nNk16<8>(d, tile_a(smem), tile_b(smem), true);
  wgmma_wait<0>(d);
}

TEST_F(WgmmaRules, RegistersOfDBelongToItUntilTheWait) {
  const auto refused = AllOf(HasSubstr("thread (64,0,0) (warp 2, lane 0)"),
                             HasSubstr("the thread wrote to the registers of d while wgmma_m64nNk16 at "),
                             HasSubstr("on them is under way: wgmma_wait must come first"));
  EXPECT_THAT(fault_of_kernel(writes_d_under_way<Then::wait>), refused);
  EXPECT_THAT(fault_of_kernel(writes_d_under_way<Then::fence>), refused);
  EXPECT_THAT(fault_of_kernel(writes_d_under_way<Then::wgmma>), refused);
}

template <bool WAIT>
SIMT_KERNEL(128)
void two_shapes_on_one_d() {
  char* smem = tiles_of_ones();
  float d[12] = {};
  wgmma_fence();
  wgmma_m64nNk16<8>(*reinterpret_cast<float(*)[4]>(d + 4), tile_a(smem), tile_b(smem), true);
  wgmma_commit();
  if (WAIT) {
    wgmma_wait<0>(d);
    wgmma_fence();
  }
  wgmma_m64nNk16<16>(*reinterpret_cast<float(*)[8]>(d), tile_a(smem), tile_a(smem), true);
  wgmma_commit();
  wgmma_wait<0>(d);
}

TEST_F(WgmmaRules, AnotherShapeOnTheSameRegistersNeedsAWait) {
  EXPECT_EQ(fault_of_kernel(two_shapes_on_one_d<true>), "");
  EXPECT_THAT(fault_of_kernel(two_shapes_on_one_d<false>),
              AllOf(HasSubstr("its d shares registers with that of wgmma_m64nNk16 at "),
                    HasSubstr("which is under way with n = 8: wgmma_wait must come first")));
}

}  // namespace
}  // namespace kernelgate::simt

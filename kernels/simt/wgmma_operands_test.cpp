// What wgmma refuses to multiply: matrices that are not where they should be or not to be seen yet, and groups of
// threads that are none.

#include <gmock/gmock.h>

#include "kernels/simt/wgmma_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class WgmmaOperands : public SimtTest {};

enum class Writes { fenced, unfenced, plainly };

template <Writes WRITES>
SIMT_KERNEL(128)
void multiplies_what_threads_wrote() {
  auto* smem = dynamic_shared<char>();
  fill(smem, TILE_BYTES, 1);
  if (WRITES != Writes::unfenced) fence_proxy_async();
  sync_threads();
  if (WRITES == Writes::plainly && linear_thread_idx() == 0) smem[0] = 7;
  float d[4] = {};
  wgmma_fence();
  wgmma_m64nNk16<8>(d, tile_a(smem), tile_b(smem), true);
  wgmma_commit();
  wgmma_wait<0>(d);
}

TEST_F(WgmmaOperands, ReadsThroughTheAsyncProxy) {
  EXPECT_EQ(fault_of_kernel(multiplies_what_threads_wrote<Writes::fenced>), "");
  EXPECT_THAT(fault_of_kernel(multiplies_what_threads_wrote<Writes::unfenced>),
              AllOf(HasSubstr("thread (0,0,0) (warp 0, lane 0): wgmma_m64nNk16 at "),
                    HasSubstr("wrote it at store_shared at kernels/simt/wgmma_for_test.h:"),
                    HasSubstr("has not executed fence_proxy_async since")));
  EXPECT_THAT(fault_of_kernel(multiplies_what_threads_wrote<Writes::plainly>),
              HasSubstr("was written through a plain pointer: use store_shared"));
}

SIMT_KERNEL(128) void multiplies(int odd_thread, std::uint64_t odd_bits, std::uint64_t all_bits, bool odd_scale) {
  char* smem = tiles_of_ones();
  const bool odd = static_cast<int>(linear_thread_idx()) == odd_thread;
  SmemDescriptor a = tile_a(smem), b = tile_b(smem);
  a.bits ^= all_bits;
  if (odd) b.bits ^= odd_bits;
  float d[4] = {};
  wgmma_fence();
  wgmma_m64nNk16<8>(d, a, b, !(odd && odd_scale));
  wgmma_commit();
  wgmma_wait<0>(d);
}

TEST_F(WgmmaOperands, ChecksItsDescriptors) {
  const auto of = [](int thread, std::uint64_t odd_bits, std::uint64_t all_bits, bool scale = false) {
    return fault_of_kernel(multiplies, thread, odd_bits, all_bits, scale);
  };
  EXPECT_EQ(of(-1, 0, 0), "");
  EXPECT_THAT(of(77, 2, 0), AllOf(HasSubstr("thread (77,0,0)"), HasSubstr("the descriptor of B is 0x"),
                                  HasSubstr("in thread (0,0,0): must be the same in the whole warpgroup")));
  EXPECT_THAT(of(127, 0, 0, true), AllOf(HasSubstr("thread (127,0,0)"), HasSubstr("scale_d is 0x0 here, 0x1 in")));
  EXPECT_THAT(of(-1, 0, 1ull << 14), AllOf(HasSubstr("the descriptor of A, 0x"), HasSubstr("has reserved bits set")));
  EXPECT_THAT(of(-1, 0, 1ull << 53), HasSubstr("has reserved bits set"));
  EXPECT_THAT(of(-1, 0, 4096 / 16), AllOf(HasSubstr("out of bounds: A[40][0] of the k-major matrix is at offset 9216 "),
                                          HasSubstr("9216 bytes of shared memory (start 4096, stride 1024")));
}

SIMT_KERNEL(128) void one_warp_does_not_come() {
  char* smem = tiles_of_ones();
  float d[4] = {};
  if (warp_idx() != 2) wgmma_fence();
  if (warp_idx() == 2) sync_warp();
  if (warp_idx() != 2) wgmma_m64nNk16<8>(d, tile_a(smem), tile_b(smem), true);
  sync_threads();
}
SIMT_KERNEL(96) void three_warps() { wgmma_fence(); }
SIMT_KERNEL(128) void commits_and_waits() {
  if (warp_idx() == 0) {
    wgmma_commit();
  } else {
    wgmma_wait<0>();
  }
}

TEST_F(WgmmaOperands, NeedsTheWholeWarpgroup) {
  EXPECT_THAT(fault_of_kernel(one_warp_does_not_come),
              HasSubstr("wgmma_fence at kernels/simt/wgmma_operands_test.cpp:"));
  EXPECT_THAT(fault_of_kernel(commits_and_waits), HasSubstr("the warpgroup has diverged"));
  EXPECT_THAT(fault_of([] {
                launch(three_warps, {{1}, {96}}, nullptr);
              }),
              HasSubstr("needs a warpgroup of 128 threads"));
}

SIMT_KERNEL(256) void does_not_wait(bool commit) {
  char* smem = tiles_of_ones();
  float d[4] = {};
  if (warp_idx() < 4) return;
  wgmma_fence();
  wgmma_m64nNk16<8>(d, tile_a(smem), tile_b(smem), true);
  if (commit) wgmma_commit();
  if (!commit) wgmma_wait<0>(d);
}

TEST_F(WgmmaOperands, MustBeWaitedForBeforeTheBlockEnds) {
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    for (const bool commit : {false, true}) {
      set_seed(seed);
      EXPECT_THAT(fault_of([&] {
                    launch(does_not_wait, {{1}, {256}, TILE_BYTES}, nullptr, commit);
                  }),
                  AllOf(HasSubstr("its warpgroup 1 has not waited for wgmma_m64nNk16 at "),
                        HasSubstr("wgmma_commit, then wgmma_wait<0>")));
    }
}

// A later block starts afresh: neither fences nor registers are left over from the one before it on the same core.
SIMT_KERNEL(128) void fences_in_block_0() {
  char* smem = tiles_of_ones();
  float d[4] = {};
  if (block_idx().x == 0) wgmma_fence();
  wgmma_m64nNk16<8>(d, tile_a(smem), tile_b(smem), true);
  wgmma_commit();
  wgmma_wait<0>(d);
}

TEST_F(WgmmaOperands, EachBlockStartsAfresh) {
  set_host_threads(1);
  EXPECT_THAT(fault_of([] {
                launch(fences_in_block_0, {{2}, {128}, TILE_BYTES}, nullptr);
              }),
              AllOf(HasSubstr("block (1,0,0)"), HasSubstr("used for the first time")));
}

}  // namespace
}  // namespace kernelgate::simt

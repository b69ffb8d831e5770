// A pipelined matmul kernel as they are written here, right under every seed, and the same kernel with
// one bug planted at a time: each must give wrong results or an error.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "kernels/op/f16.h"
#include "kernels/op/random.h"
#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

enum class Bug {
  none,
  no_wait,                // reads stages that may still be under way
  waits_one_group_short,  // the latest stage it reads may still be under way
  no_commit,              // the wait has nothing to wait for
  no_barrier,             // reads what other threads copied without a barrier
  refills_too_early,      // overwrites a stage that other warps still read
  fragments_swapped,      // the two halves of B's k exchanged
  wrong_swizzle,          // written in one order of 16-byte chunks, read in another
  tail_not_masked,        // the last k block reads past the row
  f16_accumulation,       // sums are rounded to 11 bits after each mma
  shared_too_small,       // one row less than the stages need
};

constexpr int BLOCK_M = 64, BLOCK_N = 64, BLOCK_K = 32, num_stages = 3;
constexpr int stage_halves = (BLOCK_M + BLOCK_N) * BLOCK_K;

struct Params {
  const f16* a;  // [BLOCK_M, K]
  const f16* b;  // [BLOCK_N, K]
  float* c;      // [BLOCK_M, BLOCK_N]
  int K;
};

// The 16-byte chunk of a row of 4 in which chunk k8 lies: rows that ldmatrix reads together differ.
SIMT_DEVICE int swizzled(int row, int k8) { return (k8 ^ (row / 2 % 4)) * 8; }

template <Bug BUG>
SIMT_DEVICE void load_stage(const Params& p, f16* stage, int k0) {
  for (int i = static_cast<int>(linear_thread_idx()); i < (BLOCK_M + BLOCK_N) * 4; i += 128) {
    const int row = i / 4, k = k0 + i % 4 * 8;
    const f16* from = row < BLOCK_M ? p.a + row * p.K : p.b + (row - BLOCK_M) * p.K;
    const int left = BUG == Bug::tail_not_masked ? 8 : std::clamp(p.K - k, 0, 8);
    cp_async<16>(stage + row * BLOCK_K + swizzled(row, i % 4), left > 0 ? from + k : from, left * 2);
  }
}

template <Bug BUG>
SIMT_DEVICE void multiply_stage(const f16* stage, float (&acc)[4][4][4]) {
  const int lane = static_cast<int>(lane_idx()), warp = static_cast<int>(warp_idx());
  for (int k8 = 0; k8 < BLOCK_K / 8; k8 += 2) {
    std::uint32_t a[4], b[2];
    for (int i = 0; i < 4; ++i) {
      const int row = i * 16 + lane % 16;
      ldmatrix_x4(a, stage + row * BLOCK_K + swizzled(row, k8 + lane / 16));
      for (int j = 0; j < 2; ++j) {
        const int column = BLOCK_M + warp * 16 + j * 8 + lane % 8;
        const int chunk = k8 + lane / 8 % 2;
        ldmatrix_x2(b, stage + column * BLOCK_K + (BUG == Bug::wrong_swizzle ? chunk * 8 : swizzled(column, chunk)));
        if (BUG == Bug::fragments_swapped) std::swap(b[0], b[1]);
        mma_m16n8k16(acc[i][j], a, b);
        if (BUG == Bug::f16_accumulation)
          for (float& sum : acc[i][j]) sum = SIMT_SIDE::to_float(to_f16_rn(sum));
      }
    }
  }
}

template <Bug BUG>
SIMT_KERNEL(128)
void matmul(const Params p) {
  f16* smem = dynamic_shared<f16>();
  float acc[4][4][4] = {};
  const int tiles = (p.K + BLOCK_K - 1) / BLOCK_K;
  const auto prefetch = [&](int tile) {
    if (tile < tiles) load_stage<BUG>(p, smem + tile % num_stages * stage_halves, tile * BLOCK_K);
    if (BUG != Bug::no_commit) cp_async_commit();
  };
  for (int tile = 0; tile < num_stages - 1; ++tile) prefetch(tile);
  for (int tile = 0; tile < tiles; ++tile) {
    if (BUG != Bug::no_wait) cp_async_wait<BUG == Bug::waits_one_group_short ? num_stages - 1 : num_stages - 2>();
    if (BUG == Bug::refills_too_early) prefetch(tile + num_stages - 1);
    if (BUG != Bug::no_barrier) sync_threads();
    if (BUG != Bug::refills_too_early) prefetch(tile + num_stages - 1);
    multiply_stage<BUG>(smem + tile % num_stages * stage_halves, acc);
  }
  const int lane = static_cast<int>(lane_idx()), warp = static_cast<int>(warp_idx());
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 2; ++j)
      for (int e = 0; e < 4; ++e)
        p.c[(i * 16 + lane / 4 + e / 2 * 8) * BLOCK_N + warp * 16 + j * 8 + lane % 4 * 2 + e % 2] = acc[i][j][e];
}

class PlantedBugs : public SimtTest {
 protected:
  static constexpr int K = 232;  // 7 blocks of k and a quarter
  static constexpr int seeds = 40;

  PlantedBugs() : a_(BLOCK_M * K + 64), b_(BLOCK_N * K + 64) {
    Random random(7);
    for (f16& value : a_) value = to_f16(static_cast<float>(random.normal()));
    for (f16& value : b_) value = to_f16(static_cast<float>(random.normal()));
  }

  /// Under how many of the seeds the kernel fails.
  template <Bug BUG>
  int failures() const {
    int count = 0;
    for (int seed = 0; seed < seeds; ++seed) {
      set_seed(static_cast<std::uint64_t>(seed));
      count += !right<BUG>();
    }
    return count;
  }

 private:
  template <Bug BUG>
  bool right() const {
    constexpr std::size_t bytes = num_stages * stage_halves * sizeof(f16);
    const LaunchShape shape{{1}, {128}, BUG == Bug::shared_too_small ? bytes - 64 : bytes, "matmul"};
    std::vector<float> c(BLOCK_M * BLOCK_N, NAN);
    if (!fault_of([&] { launch(matmul<BUG>, shape, nullptr, Params{a_.data(), b_.data(), c.data(), K}); }).empty())
      return false;
    for (int m = 0; m < BLOCK_M; ++m)
      for (int n = 0; n < BLOCK_N; ++n) {
        double sum = 0, magnitude = 0;
        for (int k = 0; k < K; ++k) {
          const double product = static_cast<double>(kernelgate::to_float(a_[static_cast<std::size_t>(m * K + k)])) *
                                 kernelgate::to_float(b_[static_cast<std::size_t>(n * K + k)]);
          sum += product;
          magnitude += std::abs(product);
        }
        const double error = std::abs(c[static_cast<std::size_t>(m * BLOCK_N + n)] - sum);
        if (!(error <= K * 0x1p-24 * magnitude)) return false;  // false for NaN
      }
    return true;
  }

  std::vector<f16> a_, b_;  // rows of K, and room to read past the last one
};

TEST_F(PlantedBugs, TheKernelIsRightUnderEverySeed) { EXPECT_EQ(failures<Bug::none>(), 0); }

TEST_F(PlantedBugs, WrongUnderEverySeed) {
  EXPECT_EQ(failures<Bug::no_barrier>(), seeds);
  EXPECT_EQ(failures<Bug::fragments_swapped>(), seeds);
  EXPECT_EQ(failures<Bug::wrong_swizzle>(), seeds);
  EXPECT_EQ(failures<Bug::tail_not_masked>(), seeds);
  EXPECT_EQ(failures<Bug::f16_accumulation>(), seeds);
  EXPECT_EQ(failures<Bug::shared_too_small>(), seeds);
}

TEST_F(PlantedBugs, WrongWheneverCopiesLandLate) {
  EXPECT_GT(failures<Bug::no_wait>(), seeds / 2);
  EXPECT_GT(failures<Bug::waits_one_group_short>(), seeds / 2);
  EXPECT_GT(failures<Bug::no_commit>(), seeds / 2);
}

TEST_F(PlantedBugs, WrongWheneverAWarpRunsAhead) { EXPECT_GT(failures<Bug::refills_too_early>(), seeds / 2); }

}  // namespace
}  // namespace kernelgate::simt

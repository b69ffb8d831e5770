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
#include "kernels/tile/accumulators.h"
#include "kernels/tile/operand_tile.h"
#include "kernels/tile/stage_ring.h"
#include "kernels/tile/warp_grid.h"

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
using Grid = tile::WarpGrid<BLOCK_M, BLOCK_N, 1, 4>;
using TileA = tile::OperandTile<BLOCK_M, BLOCK_K, Major::k>;
using TileB = tile::OperandTile<BLOCK_N, BLOCK_K, Major::k>;
constexpr int stage_bytes = TileA::smem_bytes + TileB::smem_bytes;

struct Params {
  const f16* a;  // [BLOCK_M, K]
  const f16* b;  // [BLOCK_N, K]
  float* c;      // [BLOCK_M, BLOCK_N]
  int K;
};

template <Bug BUG, class Tile>
SIMT_DEVICE void load_tile(unsigned char* smem, const f16* from, int K, int k0) {
  for (int i = static_cast<int>(linear_thread_idx()); i < Tile::rows * Tile::row_chunks; i += Grid::threads) {
    const int row = i / Tile::row_chunks, chunk = i % Tile::row_chunks, k = k0 + chunk * 8;
    const int left = BUG == Bug::tail_not_masked ? 8 : std::clamp(K - k, 0, 8);
    const int to = BUG == Bug::wrong_swizzle ? i * 16 : Tile::offset(row, chunk);
    cp_async<16>(smem + to, from + row * K + (left > 0 ? k : 0), left * 2);
  }
}

template <Bug BUG>
SIMT_DEVICE void multiply_stage(const unsigned char* smem, tile::Accumulators<Grid>& sums) {
  const unsigned lane_idx = simt::lane_idx();
  for (int k = 0; k < BLOCK_K; k += 16) {
    std::uint32_t a[4], b[4];
    TileB::load_b(b, smem + TileA::smem_bytes, Grid::warp_n(warp_idx()), k, lane_idx);
    if (BUG == Bug::fragments_swapped) std::swap(b[0], b[1]);
    for (int i = 0; i < Grid::WARP_M / 16; ++i) {
      TileA::load_a(a, smem, i * 16, k, lane_idx);
      sums.multiply(i, 0, a, b);
      if (BUG == Bug::f16_accumulation)
        for (auto& fragment : sums.d[i])
          for (float& sum : fragment) sum = SIMT_SIDE::to_float(to_f16_rn(sum));
    }
  }
}

template <Bug BUG>
SIMT_KERNEL(Grid::threads)
void matmul(const Params p) {
  unsigned char* smem = dynamic_shared<unsigned char>();
  tile::Accumulators<Grid> sums;
  sums.clear();
  const int num_k_tiles = (p.K + BLOCK_K - 1) / BLOCK_K;
  const auto prefetch = [&](int k_tile, int stage) {
    if (k_tile < num_k_tiles) {
      load_tile<BUG, TileA>(smem + stage * stage_bytes, p.a, p.K, k_tile * BLOCK_K);
      load_tile<BUG, TileB>(smem + stage * stage_bytes + TileA::smem_bytes, p.b, p.K, k_tile * BLOCK_K);
    }
    if (BUG != Bug::no_commit) cp_async_commit();
  };
  for (int stage = 0; stage < num_stages - 1; ++stage) prefetch(stage, stage);
  tile::StageRing<num_stages> ring;
  for (int k_tile = 0; k_tile < num_k_tiles; ++k_tile, ring.advance()) {
    if (BUG != Bug::no_wait) cp_async_wait<BUG == Bug::waits_one_group_short ? num_stages - 1 : num_stages - 2>();
    if (BUG == Bug::refills_too_early) prefetch(k_tile + num_stages - 1, ring.before());
    if (BUG != Bug::no_barrier) sync_threads();
    if (BUG != Bug::refills_too_early) prefetch(k_tile + num_stages - 1, ring.before());
    multiply_stage<BUG>(smem + ring.stage * stage_bytes, sums);
  }
  for (int i = 0; i < Grid::WARP_M / 16; ++i)
    for (int j = 0; j < Grid::WARP_N / 8; ++j)
      for (int e = 0; e < 4; ++e) {
        const int row = sums.row(i, e / 2, lane_idx());
        const int column = Grid::warp_n(warp_idx()) + sums.column(j, lane_idx()) + e % 2;
        p.c[row * BLOCK_N + column] = sums.d[i][j][e];
      }
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
    constexpr std::size_t bytes = num_stages * stage_bytes;
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

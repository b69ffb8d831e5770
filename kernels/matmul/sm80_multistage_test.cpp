// sm80_multistage by itself: each of its tiles, each alignment, and K divided between blocks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/statistics/rates_for_test.h"
#include "kernels/matmul/one_kernel_for_test.h"
#include "kernels/simt/host/counters.h"

namespace kernelgate {
namespace {

using testing::HasSubstr;
using Problem = Matmul::Problem;
constexpr Layout layouts[] = {Layout::nt, Layout::nn, Layout::tn, Layout::tt};

class Sm80Multistage : public OneMatmulKernel {
 protected:
  Sm80Multistage() : OneMatmulKernel("sm80_multistage") {}

  simt::Counters count(const Problem& problem, int multiprocessors) const {
    Proof proof(random(problem), device(multiprocessors), {.seed = 1, .flop_budget = 1e6});
    const Launch launch = proof.prepare(candidate_);
    const simt::CountersScope scope;
    EXPECT_TRUE(proof.verify(launch).right);
    return scope.counters();
  }
};

// What each tile reads says which one it was: 128 x 256, 128 x 128, 64 x 64, 32 x 128.
TEST_F(Sm80Multistage, TilesReadWhatTheirSizeSays) {
  for (const Layout layout : layouts) {
    const simt::Counters wide = count({256, 512, 128, 1, layout}, 1);
    EXPECT_EQ(wide.global_read_bytes, 4u * (128 + 256) * 128 * 2);
    EXPECT_EQ(wide.mma_m16n8k16, 256u * 512 * 128 / (16 * 8 * 16));
    EXPECT_EQ(wide.ldmatrix, 4u * 8 * (4 + 4) * (128 / 16));  // 8 warps of 64 x 64
    EXPECT_EQ(wide.bank_conflicts(), 0u) << to_string(layout);
    const simt::Counters square = count({256, 128, 128, 1, layout}, 1);
    EXPECT_EQ(square.global_read_bytes, 2u * (128 + 128) * 128 * 2);
    EXPECT_EQ(square.ldmatrix, 2u * 4 * (4 + 4) * (128 / 16));  // 4 warps of 64 x 64
    EXPECT_EQ(square.bank_conflicts(), 0u) << to_string(layout);
    const simt::Counters small = count({128, 128, 128, 1, layout}, 4);
    EXPECT_EQ(small.global_read_bytes, 4u * (64 + 64) * 128 * 2);
    EXPECT_EQ(small.bank_conflicts(), 0u) << to_string(layout);
    const simt::Counters thin = count({32, 256, 128, 1, layout}, 2);
    EXPECT_EQ(thin.global_read_bytes, 2u * (32 + 128) * 128 * 2);
    EXPECT_EQ(thin.bank_conflicts(), 0u) << to_string(layout);
    for (const simt::Counters& one : {wide, square, small, thin}) {
      EXPECT_EQ(one.cp_async_bytes, one.global_read_bytes);
      EXPECT_EQ(one.global_read_sectors, one.global_read_bytes / 32);
      EXPECT_EQ(one.global_written_sectors, one.global_written_bytes / 32);
    }
  }
}

// A tile of 32 x 128 whose K, 64 k-tiles, is divided: A and B are read once, each part's sums written and read once.
TEST_F(Sm80Multistage, ADividedKReadsEverythingOnce) {
  const simt::Counters got = count({32, 128, 4096}, 4);
  EXPECT_EQ(got.cp_async_bytes, (32u + 128) * 4096 * 2);
  const std::uint64_t sums = got.global_read_bytes - got.cp_async_bytes;
  EXPECT_EQ(sums % (32 * 128 * 4), 0u);
  EXPECT_GE(sums / (32 * 128 * 4), 4u);  // parts
  EXPECT_EQ(got.global_written_bytes, sums + 32u * 128 * 2);
}

TEST_F(Sm80Multistage, TailsOfEachTile) {
  for (const Type type : {Type::f16, Type::bf16})
    for (const Layout layout : layouts)
      for (const auto& [m, n, k, multiprocessors] :
           {std::tuple{136, 264, 72, 1}, {120, 248, 40, 1}, {136, 136, 104, 4}, {72, 56, 136, 1000}, {24, 136, 72, 8}})
        prove(integers({m, n, k, 1, layout, type}), multiprocessors, 1);
}

// 8, 4 and 2 bytes: by one operand or both, and in the layouts in which M or N is a row's length.
TEST_F(Sm80Multistage, EveryAlignment) {
  for (const Layout layout : layouts)
    for (const int multiprocessors : {2, 1000})
      for (const auto& [m, n, k] : {std::tuple{132, 140, 68}, {134, 138, 70}, {133, 139, 71}, {136, 132, 72}}) {
        prove(integers({m, n, k, 1, layout}), multiprocessors, 1);
        prove(integers({m, n, k, 1, layout, Type::bf16}), multiprocessors, 1);
      }
  for (const std::size_t elements : {1, 2, 4})
    for (const int tensor : {0, 1, 2}) {
      Proof::Options options{.seed = 1, .misalign_elements = elements, .flop_budget = 2e8, .misalign_tensor = tensor};
      prove(integers({136, 136, 72}), 2, 1, options);
    }
}

// Large ones are packed, then loaded as if they were aligned.
TEST_F(Sm80Multistage, PacksLargeUnalignedOperands) {
  for (const Layout layout : layouts) prove(integers({257, 259, 67, 1, layout}), 2, 1);
  prove(integers({257, 264, 72, 2, Layout::tn}), 2, 1);
}

// Parts of one k-tile, of several, the last one shorter; as many blocks as multiprocessors or fewer.
TEST_F(Sm80Multistage, DividesK) {
  for (const int multiprocessors : {2, 3, 8, 33, 132, 1 << 20})
    for (const int k : {256, 264, 513, 1096, 2048}) {
      prove(integers({33, 65, k}), multiprocessors, 1);
      prove(integers({72, 40, k, 3, Layout::tn}), multiprocessors, 1);
    }
}

TEST_F(Sm80Multistage, EveryPhaseOfTheRing) {
  for (const int tiles : {0, 1, 2, 3, 4, 5, 6, 9})
    for (const int off : {-1, 0, 1, 8}) {
      if (tiles * 32 + off < 0) continue;
      prove(integers({136, 264, tiles * 32 + off}), 1, 1);
      prove(integers({40, 72, tiles * 64 + off, 1, Layout::nn}), 4, 1);
    }
}

// 2048, then one 1 for each 16 along K, then -2048: 255, but 1 at most where anything is summed in f16, be it the parts
// of a divided K.
TEST_F(Sm80Multistage, AccumulatesInF32) {
  constexpr std::int64_t K = 257 * 16;
  const auto a = [](std::int64_t, std::int64_t, std::int64_t k) {
    if (k == 0) return 2048.0f;
    if (k == K - 1) return -2048.0f;
    return k % 16 == 0 && k < 256 * 16 ? 1.0f : 0.0f;
  };
  const auto ones = [](std::int64_t, std::int64_t, std::int64_t) { return 1.0f; };
  for (const Type type : {Type::f16, Type::bf16})
    for (const int multiprocessors : {1, 132})
      prove(given_matrices(Problem{16, 8, K, 1, Layout::nt, type}, a, ones, {.exact = true}), multiprocessors);
}

TEST_F(Sm80Multistage, IsRightUnderEverySeed) {
  const int seeds = for_test::trials(200, 8);
  for (const Layout layout : layouts) prove(integers({136, 264, 168, 1, layout}), 1, seeds);
  prove(integers({40, 72, 1032}), 132, seeds);
  prove(integers({67, 71, 333, 2, Layout::tt}), 132, seeds);
}

TEST_F(Sm80Multistage, GivesTheSameBitsUnderEverySeed) {
  repeat({16, 72, 1032}, 132);
  repeat({72, 72, 2056, 2, Layout::tn, Type::bf16}, 132);
}

TEST_F(Sm80Multistage, RandomInputsWithinTheBound) {
  for (const Type type : {Type::f16, Type::bf16}) {
    prove(random({136, 264, 520, 1, Layout::nt, type}), 1, 1);
    prove(random({33, 100, 4104, 1, Layout::nn, type}), 132, 1);
  }
}

TEST_F(Sm80Multistage, DeclinesMoreTilesThanAGridHasBlocks) {
  EXPECT_THAT(reason({1 << 29, 1 << 30, 8}), HasSubstr("more tiles than a grid has blocks"));
}

}  // namespace
}  // namespace kernelgate

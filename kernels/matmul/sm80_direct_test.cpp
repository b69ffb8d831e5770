// sm80_direct by itself: each way of loading, each number of warps, tails on each side of its tile.

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

class Sm80Direct : public OneMatmulKernel {
 protected:
  Sm80Direct() : OneMatmulKernel("sm80_direct") {}
};

TEST_F(Sm80Direct, TailsOfTheTile) {
  for (const Type type : {Type::f16, Type::bf16})
    for (const Layout layout : layouts)
      for (const auto& [m, n, k] : {std::tuple{1, 1, 1},
                                    {31, 33, 29},
                                    {32, 32, 32},
                                    {33, 31, 35},
                                    {40, 72, 104},
                                    {36, 28, 40},
                                    {8, 4, 8},
                                    {65, 63, 97}})
        prove(integers({m, n, k, 1, layout, type}), 132, 1);
}

// One warp for each 32 of K up to eight, two times 32 for each up to 512, then rounds; the last ones short.
TEST_F(Sm80Direct, EveryNumberOfWarpsAndRounds) {
  for (const int chunks : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33})
    for (const int off : {-1, 0, 8}) {
      if (chunks * 32 + off < 0) continue;
      prove(integers({40, 24, chunks * 32 + off}), 132, 1);
      prove(integers({24, 40, chunks * 32 + off, 1, Layout::tn}), 132, 1);
    }
}

TEST_F(Sm80Direct, Batches) {
  for (const Layout layout : layouts) {
    prove(integers({40, 48, 72, 3, layout}), 132, 1);
    prove(integers({33, 17, 21, 5, layout}), 132, 1);
  }
}

// Where 16 bytes along K, or 8 across, are not at their multiples, elements are loaded one by one.
TEST_F(Sm80Direct, MisalignedPointers) {
  for (const Layout layout : layouts)
    for (const std::size_t elements : {1, 2, 4})
      for (const int tensor : {0, 1, 2}) {
        Proof::Options options{.seed = 1, .misalign_elements = elements, .flop_budget = 2e8, .misalign_tensor = tensor};
        prove(integers({40, 72, 136, 1, layout}), 132, 1, options);
      }
}

// What is added is read, and C stored, four at a time where all of it lies so; else one by one.
TEST_F(Sm80Direct, WhatIsAddedToTheSums) {
  const Epilogue last{.alpha = 0.5f, .beta = -2, .source = true, .bias = true, .activation = Activation::relu};
  for (const Type type : {Type::f16, Type::bf16})
    for (const int n : {72, 70, 71}) prove(integers({40, n, 136, 2, Layout::nt, type, last}), 132, 1);
  for (const std::size_t elements : {1, 2})
    for (const int tensor : {2, 3, 4}) {
      Proof::Options options{.seed = 1, .misalign_elements = elements, .flop_budget = 2e8, .misalign_tensor = tensor};
      prove(integers({40, 72, 136, 1, Layout::nn, Type::f16, last}), 132, 1, options);
    }
}

// Each tile reads its rows of A and of B once, whole sectors of them, and no bank conflict is met.
TEST_F(Sm80Direct, ReadsWholeSectorsOnce) {
  for (const Layout layout : layouts) {
    Proof proof(random({64, 96, 256, 1, layout}), device(132), {.seed = 1, .flop_budget = 1e7});
    const Launch launch = proof.prepare(candidate_);
    const simt::CountersScope scope;
    EXPECT_TRUE(proof.verify(launch).right);
    const simt::Counters got = scope.counters();
    EXPECT_EQ(got.global_read_bytes, 6u * (32 + 32) * 256 * 2) << to_string(layout);
    EXPECT_EQ(got.global_read_sectors, got.global_read_bytes / 32) << to_string(layout);
    EXPECT_EQ(got.global_written_sectors, 64u * 96 * 2 / 32);
    EXPECT_EQ(got.mma_m16n8k16, 64u * 96 * 256 / (16 * 8 * 16));
    EXPECT_EQ(got.bank_conflicts(), 0u) << to_string(layout);
    EXPECT_EQ(got.block_barriers, 6u) << "one a block";
  }
}

TEST_F(Sm80Direct, AccumulatesInF32) {
  constexpr std::int64_t K = 33 * 16;
  const auto a = [](std::int64_t, std::int64_t, std::int64_t k) {
    if (k == 0) return 2048.0f;
    if (k == K - 1) return -2048.0f;
    return k % 16 == 0 && k < 32 * 16 ? 1.0f : 0.0f;
  };
  const auto ones = [](std::int64_t, std::int64_t, std::int64_t) { return 1.0f; };
  for (const Type type : {Type::f16, Type::bf16})
    prove(given_matrices(Problem{16, 8, K, 1, Layout::nt, type}, a, ones, {.exact = true}), 132);
}

TEST_F(Sm80Direct, IsRightUnderEverySeed) {
  const int seeds = for_test::trials(200, 8);
  for (const Layout layout : layouts) prove(integers({40, 72, 168, 1, layout}), 132, seeds);
  prove(integers({33, 31, 333, 2, Layout::tt}), 132, seeds);
}

TEST_F(Sm80Direct, GivesTheSameBitsUnderEverySeed) { repeat({64, 96, 520}, 132); }

TEST_F(Sm80Direct, RandomInputsWithinTheBound) {
  for (const Type type : {Type::f16, Type::bf16})
    for (const Layout layout : layouts) prove(random({65, 100, 520, 1, layout, type}), 132, 1);
}

TEST_F(Sm80Direct, DeclinesWhatItCanNotCount) {
  EXPECT_THAT(reason({1 << 22, 8, 8}), HasSubstr("more tiles than a grid has rows"));
  EXPECT_THAT(reason({8, 8, 8, 70000}), HasSubstr("more tiles than a grid has rows"));
  EXPECT_THAT(reason({1 << 16, 8, 1 << 16}), HasSubstr("2^31 elements"));
}

}  // namespace
}  // namespace kernelgate

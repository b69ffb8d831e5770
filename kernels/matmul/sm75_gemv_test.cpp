// sm75_gemv by itself: the matrix along K and across, each role for A and B, K divided between blocks.

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

class Sm75Gemv : public OneMatmulKernel {
 protected:
  Sm75Gemv() : OneMatmulKernel("sm75_gemv") {}
};

TEST_F(Sm75Gemv, OneRowAndOneColumnInEachLayout) {
  for (const Type type : {Type::f16, Type::bf16})
    for (const Layout layout : layouts)
      for (const auto& [size, k] : {std::pair{1, 1}, {7, 3}, {64, 128}, {65, 129}, {264, 1032}, {300, 520}, {513, 0}})
        for (const int multiprocessors : {1, 132}) {
          prove(integers({1, size, k, 1, layout, type}), multiprocessors, 1);
          prove(integers({size, 1, k, 1, layout, type}), multiprocessors, 1);
        }
}

TEST_F(Sm75Gemv, SeveralVectors) {
  for (const int vectors : {2, 3, 4})
    for (const int k : {1, 8, 200, 1031}) {
      prove(integers({vectors, 65, k}), 4, 1);
      prove(integers({65, vectors, k}), 4, 1);
    }
}

TEST_F(Sm75Gemv, Batches) {
  for (const Layout layout : layouts) {
    prove(integers({1, 40, 264, 3, layout}), 132, 1);
    prove(integers({41, 1, 263, 3, layout}), 132, 1);
  }
  prove(integers({3, 9, 16, 5}), 4, 1);
}

TEST_F(Sm75Gemv, MisalignedPointers) {
  for (const Layout layout : layouts)
    for (const int tensor : {0, 1, 2}) {
      Proof::Options options{.seed = 1, .misalign_elements = 1, .flop_budget = 2e8, .misalign_tensor = tensor};
      prove(integers({1, 64, 256, 1, layout}), 4, 1, options);
      prove(integers({64, 1, 256, 1, layout}), 4, 1, options);
    }
}

// The matrix is read once, 16 bytes a lane.
TEST_F(Sm75Gemv, ReadsTheMatrixOnce) {
  for (const Layout layout : {Layout::nt, Layout::nn}) {
    Proof proof(random({1, 256, 2048, 1, layout}), device(4), {.seed = 1, .flop_budget = 1e7});
    const Launch launch = proof.prepare(candidate_);
    const simt::CountersScope scope;
    EXPECT_TRUE(proof.verify(launch).right);
    const simt::Counters got = scope.counters();
    constexpr std::uint64_t matrix = 256 * 2048 * 2, vector = 2048 * 2;
    // Each warp reads the vector, too: its 256 rows, or for each of 32 lanes. It stays in L1.
    EXPECT_EQ(got.global_reads % 16, 0u);
    EXPECT_GE(got.global_read_bytes, matrix + vector);
    EXPECT_LE(got.global_read_bytes, layout == Layout::nt ? 2 * matrix : matrix + 33 * vector + (1 << 14));
    EXPECT_EQ(got.shared_load_conflicts, 0u);
    EXPECT_EQ(got.shared_store_conflicts, 0u);
  }
}

TEST_F(Sm75Gemv, IsRightAndTheSameUnderEverySeed) {
  const int seeds = for_test::trials(200, 8);
  prove(integers({1, 65, 1032, 1, Layout::nn}), 132, seeds);
  prove(integers({65, 1, 1032, 1, Layout::tn}), 132, seeds);
  prove(integers({1, 65, 1032}), 132, seeds);
  repeat({1, 264, 2056, 1, Layout::nn}, 132);
  repeat({2, 72, 2056}, 132);
}

TEST_F(Sm75Gemv, DeclinesWhatIsNoVector) {
  EXPECT_THAT(reason({5, 64, 64}), HasSubstr("at most 4 rows or 4 columns"));
  EXPECT_THAT(reason({2, 64, 64, 1, Layout::nn}), HasSubstr("lie along K"));
  EXPECT_THAT(reason({2, 64, 64, 1, Layout::tn}), HasSubstr("lie along K"));
  EXPECT_EQ(reason({1, 64, 64, 1, Layout::tn}), "");
  EXPECT_THAT(reason({1, 64, 64, 70000}), HasSubstr("batch"));
}

}  // namespace
}  // namespace kernelgate

// The kernels whose operands TMA loads, each by itself, on what only they take: rows of whole multiples of 16 bytes.
// The host executor lands what is asynchronous at other moments under each seed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "bench/run/devices.h"
#include "harness/statistics/rates_for_test.h"
#include "kernels/matmul/given_matrices_for_test.h"
#include "kernels/op/verify.h"
#include "kernels/simt/host/settings.h"

namespace kernelgate {
namespace {

using testing::HasSubstr;
using Problem = Matmul::Problem;
constexpr Layout layouts[] = {Layout::nt, Layout::nn, Layout::tn, Layout::tt};

class TmaKernel : public testing::TestWithParam<std::string> {
 protected:
  ~TmaKernel() override { simt::set_seed(1); }

  /// With how many multiprocessors: blocks then take several tiles, or several blocks one tile.
  static Device device(int multiprocessors) {
    Device device = simt_device();
    device.multiprocessors = multiprocessors;
    return device;
  }
  /// Whether it copies what TMA can't load.
  static bool packs() { return GetParam() != "sm90a_small_m"; }
  AnyProblem::Candidate candidate() const { return {GetParam(), Origin::ours, DeviceKind::simt}; }

  static std::shared_ptr<const AnyProblem> random(const Problem& problem) {
    return std::make_shared<TypedProblem<Matmul>>(Workload<Matmul>{problem, "given by a test", {}});
  }
  /// Sums of integers that are exact in any order: only the right bits are right.
  static std::shared_ptr<const AnyProblem> integers(const Problem& problem) {
    return given_matrices(problem, small_integers(1), small_integers(2), {.exact = true});
  }

  void prove(const std::shared_ptr<const AnyProblem>& problem, int multiprocessors, int seeds = 2,
             Proof::Options options = {.seed = 1, .flop_budget = 2e8}) const {
    SCOPED_TRACE(problem->name() + " on " + std::to_string(multiprocessors) + " multiprocessors");
    const Device on = device(multiprocessors);
    ASSERT_EQ(problem->supports(candidate(), on).reason, "");
    Proof proof(problem, on, options);
    const Launch launch = proof.prepare(candidate());
    for (int seed = 0; seed < seeds; ++seed) {
      simt::set_seed(static_cast<std::uint64_t>(seed));
      const Verification found = proof.verify(launch);
      ASSERT_TRUE(found.right) << "seed " << seed << ": " << found.describe();
    }
  }
};

// Tiles of one row of boxes and of several, and tails on each side of them.
TEST_P(TmaKernel, Tails) {
  for (const Layout layout : layouts)
    for (const auto& [m, n, k] : {std::tuple{8, 8, 8},
                                  {16, 64, 128},
                                  {24, 72, 136},
                                  {128, 128, 64},
                                  {136, 184, 72},
                                  {120, 192, 200},
                                  {264, 328, 40}})
      prove(integers({m, n, k, 1, layout}), 4);
}

// C has rows that TMA can't store, nor threads 8 bytes at a time: in nt N is no row's length, in nt and nn M isn't.
TEST_P(TmaKernel, OddRowsOfC) {
  for (const auto& [m, n] : {std::pair{1, 65}, {65, 1}, {33, 77}, {131, 259}, {17, 66}, {70, 68}})
    prove(integers({m, n, 72}), 3);
  prove(integers({131, 72, 64, 2, Layout::nn}), 3);
}

// Fewer and more k-tiles than there are stages, the last one whole or not, in each width of tile that there is; one
// block with several tiles.
TEST_P(TmaKernel, EveryPhaseOfTheRing) {
  for (const int n : {120, 184, 248})
    for (const int tiles : {1, 2, 3, 4, 5, 6, 7, 9, 13})
      prove(integers({264, n, tiles * 64 + (tiles + n) % 3 * 8 - 8, 1, tiles % 2 == 0 ? Layout::nt : Layout::tn}), 1,
            1);
  for (const int tiles : {15, 16, 17, 31, 32, 33}) prove(integers({16, 72, tiles * 64 - 8}), 1, 1);
  // Of sm90a_cooperative a cluster of four, one tile after the other.
  for (const int tiles : {1, 2, 3, 7, 8, 9, 15, 17})
    prove(integers({120, 504, tiles * 64 - 8, 1, tiles % 2 == 0 ? Layout::nt : Layout::tn}), 4, 1);
}

// Shared memory decides how many stages there are.
TEST_P(TmaKernel, WithTheSharedMemoryOfEachCapability) {
  for (const int capability : {90, 100, 120}) {
    Device on = device(2);
    on.compute_capability = capability;
    for (const int k : {64, 136, 200, 328, 520, 904}) {
      Proof proof(integers({136, 264, k}), on, {.seed = 1, .flop_budget = 2e8});
      const Verification found = proof.verify(proof.prepare(candidate()));
      EXPECT_TRUE(found.right) << "sm_" << capability << ", K " << k << ": " << found.describe();
    }
  }
}

// Clusters of two with an odd number of tiles; fewer tiles than blocks, as many, one more; many for each.
TEST_P(TmaKernel, OddNumbersOfTiles) {
  for (const int rows : {1, 2, 3, 5})
    for (const int multiprocessors : {1, 2, 4, 5, 132}) prove(integers({rows * 128 - 8, 264, 72}), multiprocessors, 1);
}

TEST_P(TmaKernel, Batches) {
  for (const Layout layout : layouts) {
    prove(integers({72, 136, 40, 3, layout}), 4);
    prove(integers({136, 264, 72, 2, layout}), 2);
  }
  prove(integers({8, 8, 8, 70}), 4);
}

TEST_P(TmaKernel, RandomInputsWithinTheBound) {
  for (const Layout layout : layouts) prove(random({136, 264, 520, 1, layout}), 4);
  prove(random({16, 136, 2056}), 132);
}

// Row m of A picks row pi(m) of B: an element that comes from a wrong place is a wrong code.
TEST_P(TmaKernel, PutsEveryElementInItsPlace) {
  constexpr std::int64_t M = 144, N = 264, K = 136;
  const auto picks = [](std::int64_t, std::int64_t m, std::int64_t k) { return k == m * 37 % K ? 1.0f : 0.0f; };
  for (const Layout layout : layouts)
    for (const std::int64_t divisor : {1, 2048}) {  // two passes, because f16 counts to 2048 exactly
      const auto code = [divisor](std::int64_t, std::int64_t k, std::int64_t n) {
        return static_cast<float>((k * N + n) / divisor % 2048);
      };
      prove(given_matrices(Problem{M, N, K, 1, layout}, picks, code, {.exact = true}), 4, 1);
    }
}

// 2048, then one 1 for each 16 along K, then -2048: 255, but 1 at most where anything is summed in f16, be it the parts
// of a divided K.
TEST_P(TmaKernel, AccumulatesInF32) {
  constexpr std::int64_t K = 257 * 16;
  const auto a = [](std::int64_t, std::int64_t, std::int64_t k) {
    if (k == 0) return 2048.0f;
    if (k == K - 1) return -2048.0f;
    return k % 16 == 0 && k < 256 * 16 ? 1.0f : 0.0f;
  };
  const auto ones = [](std::int64_t, std::int64_t, std::int64_t) { return 1.0f; };
  for (const int multiprocessors : {1, 132})
    prove(given_matrices(Problem{16, 8, K}, a, ones, {.exact = true}), multiprocessors);
}

TEST_P(TmaKernel, IsRightUnderEverySeed) {
  const int seeds = for_test::trials(200, 8);
  for (const Layout layout : layouts) prove(integers({136, 264, 328, 1, layout}), 2, seeds);
  for (const int n : {120, 248}) prove(integers({264, n, 328}), 2, seeds);
  prove(integers({40, 72, 1032}), 132, seeds);
  for (const Layout layout : layouts) prove(integers({120, 504, 712, 1, layout}), 4, seeds);
  prove(integers({128, 640, 72}), 1, seeds);  // short tiles, one after the other: what runs ahead gets far
  prove(integers({131, 77, 136, 3}), 2, seeds);
}

// Where each operand lies matters for itself.
TEST_P(TmaKernel, OneMisalignedPointer) {
  for (const std::size_t elements : {1, 2, 4}) {
    const Problem problem{72, 136, 72};
    for (const int tensor : {0, 1, 2}) {
      SCOPED_TRACE(testing::Message() << "tensor " << tensor << ", " << elements << " elements");
      const Proof::Options options{
          .seed = 1, .misalign_elements = elements, .flop_budget = 2e8, .misalign_tensor = tensor};
      if (tensor == 2 || packs()) {
        prove(integers(problem), 4, 1, options);
        continue;
      }
      Proof proof(integers(problem), device(4), options);
      try {
        proof.prepare(candidate());
        ADD_FAILURE() << "was taken";
      } catch (const Unsupported& why) {
        EXPECT_EQ(std::string(why.what()),
                  std::string(tensor == 0 ? "a" : "b") + " does not begin at a multiple of 16 bytes, which TMA needs");
      }
    }
  }
}

TEST_P(TmaKernel, DeclinesWhatTmaCanNotLoad) {
  const auto reason = [&](const Problem& problem) { return random(problem)->supports(candidate(), device(4)).reason; };
  EXPECT_THAT(reason({64, 64, 0}), HasSubstr("K is 0"));
  for (const Problem& problem :
       {Problem{64, 64, 63}, {64, 60, 64, 1, Layout::nn}, {60, 64, 64, 1, Layout::tn}, {64, 64, 4, 1, Layout::tt}}) {
    if (packs()) {
      EXPECT_EQ(reason(problem), "");
    } else {
      EXPECT_THAT(reason(problem), HasSubstr("whole multiples of 16 bytes")) << Matmul::problem_name(problem);
    }
  }
  EXPECT_EQ(reason({60, 60, 64}), "");
  EXPECT_THAT(reason({1 << 29, 1 << 30, 8}), HasSubstr("more tiles"));
}

// Rows of every alignment, short ones and such as a warp goes along in several steps, one operand packed or both.
TEST_P(TmaKernel, PacksRowsThatTmaCanNotLoad) {
  if (!packs()) GTEST_SKIP() << "declines them, see above";
  for (const Layout layout : layouts)
    for (const auto& [m, n, k] : {std::tuple{1, 1, 1}, {67, 71, 73}, {130, 72, 66}, {72, 130, 68}, {60, 64, 1100}})
      prove(integers({m, n, k, 1, layout}), 4, 1);
  prove(integers({33, 31, 35, 5, Layout::tt}), 4, 1);
  prove(integers({8, 16, 2051}), 4, 1);
  prove(integers({2051, 8, 9, 1, Layout::tn}), 4, 1);
}

// A divided K is added up in one order, whichever block is first: the same input gives the same bits.
TEST_P(TmaKernel, GivesTheSameBitsUnderEverySeed) {
  for (const Problem& problem : {Problem{16, 72, 1032}, {136, 264, 520}}) {
    Proof proof(random(problem), device(132));
    const Launch launch = proof.prepare(candidate());
    const auto output = [&](std::uint64_t seed) {
      simt::set_seed(seed);
      proof.output().poison();
      launch(nullptr);
      return proof.output().download();
    };
    const auto first = output(0);
    for (std::uint64_t seed = 1; seed < 5; ++seed) EXPECT_EQ(output(seed), first) << problem.m;
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, TmaKernel, testing::Values("sm90a_cooperative", "sm90a_small_m", "sm90_tma_mma"),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace kernelgate

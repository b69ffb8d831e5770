// Every implementation of matmul that runs here against the reference, on awkward sizes and telling inputs.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <tuple>
#include <vector>

#include "kernels/matmul/given_matrices_for_test.h"
#include "kernels/op/op_for_test.h"

namespace kernelgate {
namespace {

using Problem = Matmul::Problem;
constexpr Layout layouts[] = {Layout::nt, Layout::nn, Layout::tn, Layout::tt};

class MatmulOn : public OpOn<Matmul> {
 protected:
  /// Makes our kernel choose its large tiles, or its small ones, for any problem larger than one of them.
  void choose_tiles(bool large) {
    if (device_.kind == DeviceKind::simt) device_.multiprocessors = large ? 1 : 1 << 20;
  }
};

TEST_P(MatmulOn, TinySizes) {
  for (Layout layout : layouts)
    for (const auto& [m, n, k] : {std::tuple{1, 1, 1}, {1, 1, 16}, {1, 7, 3}, {8, 1, 17}, {16, 8, 16}, {2, 2, 2}})
      prove({m, n, k, 1, layout});
}

TEST_P(MatmulOn, Primes) {
  for (Layout layout : layouts) prove({67, 71, 73, 1, layout});
  choose_tiles(true);
  for (Layout layout : layouts) prove({131, 137, 37, 1, layout});
}

// Each side of a tile's edge, of 8 elements (16 bytes) and of 4 (8 bytes): each alignment's loader.
TEST_P(MatmulOn, Tails) {
  for (bool large : {false, true}) {
    choose_tiles(large);
    for (Layout layout : layouts)
      for (const auto& [m, n, k] :
           {std::tuple{65, 63, 33}, {64, 136, 40}, {129, 127, 64}, {136, 120, 72}, {132, 68, 36}})
        prove({m, n, k, 1, layout});
  }
}

// Fewer and more tiles along K than there are stages, and the last one whole, short, or of one element.
TEST_P(MatmulOn, EveryPhaseOfThePipeline) {
  for (bool large : {false, true}) {
    choose_tiles(large);
    for (int tiles : {1, 2, 3, 4, 5, 8})
      for (int k : {tiles * 32 - 1, tiles * 32, tiles * 32 + 1, tiles * 32 + 8})
        prove({65, 72, k, 1, k % 2 == 0 ? Layout::nt : Layout::nn});
  }
}

TEST_P(MatmulOn, Large) {
  choose_tiles(true);
  prove({1100, 264, 96});  // more rows of tiles than a group of the rasterisation has
  prove({256, 384, 512, 1, Layout::tn});
  choose_tiles(false);
  prove({300, 500, 400, 1, Layout::tt});
}

TEST_P(MatmulOn, ThinMatrices) {
  prove({1, 300, 520});
  prove({300, 1, 520, 1, Layout::nn});
  prove({16, 200, 1000, 1, Layout::tt});
}

TEST_P(MatmulOn, Batches) {
  for (Layout layout : layouts) {
    prove({64, 64, 64, 3, layout});
    prove({33, 17, 21, 5, layout});
  }
  prove({1, 1, 1, 70});
}

TEST_P(MatmulOn, MisalignedPointers) {
  for (bool large : {false, true}) {
    choose_tiles(large);
    for (Layout layout : layouts) {
      prove({128, 96, 64, 1, layout}, misaligned(1));
      prove({72, 136, 48, 2, layout}, misaligned(4));
    }
  }
}

// How one pointer is aligned says nothing of the others.
TEST_P(MatmulOn, OneMisalignedPointer) {
  for (const Layout layout : {Layout::nt, Layout::tn})
    for (const int tensor : {0, 1, 2})
      for (const std::size_t elements : {1, 4}) {
        Proof::Options options = misaligned(elements);
        options.misalign_tensor = tensor;
        SCOPED_TRACE("tensor " + std::to_string(tensor));
        prove({72, 136, 48, 2, layout}, options);
      }
}

TEST_P(MatmulOn, NothingToSumAndNothingToDo) {
  prove({70, 50, 0});
  prove({3, 5, 0, 4, Layout::tn});
  prove({0, 5, 7});
  prove({5, 0, 7});
  prove({0, 0, 0, 2});
}

// All partial sums are integers below 2^24, so that every order of summation gives the same f32, and only
// the correctly rounded f16 is right. A tile too few or twice can't hide in a tolerance.
TEST_P(MatmulOn, IntegersExactly) {
  for (bool large : {false, true}) {
    choose_tiles(large);
    for (Layout layout : layouts)
      prove_given(
          given_matrices(Problem{150, 140, 200, 2, layout}, small_integers(1), small_integers(2), {.exact = true}));
  }
}

// 2048, then one 1 for each 16 along K, then -2048: 255. In f16, 2048 + 1 is 2048, and an implementation that
// accumulates in it gets 1 at most.
TEST_P(MatmulOn, AccumulatesInF32) {
  constexpr std::int64_t blocks = 257;
  const auto a = [](std::int64_t, std::int64_t, std::int64_t k) {
    if (k == 0) return 2048.0f;
    if (k == blocks * 16 - 1) return -2048.0f;
    return k % 16 == 0 && k < 256 * 16 ? 1.0f : 0.0f;
  };
  const auto ones = [](std::int64_t, std::int64_t, std::int64_t) { return 1.0f; };
  const auto problem = given_matrices(Problem{16, 8, blocks * 16}, a, ones, {.exact = true});
  std::vector<Expected> expected(1);
  std::vector<f16> host_a(16 * blocks * 16), host_b(8 * blocks * 16);
  void* pointers[] = {host_a.data(), host_b.data(), nullptr};
  problem->fill(0, pointers);
  const std::int64_t first[] = {0};
  problem->reference(pointers, first, expected);
  ASSERT_EQ(expected[0].value, 255);
  prove_given(problem);
}

// Row m of A picks row pi(m) of B, so that C is B's rows in another order: an element that comes from a
// wrong place is a wrong code. Two passes, because f16 counts to 2048 exactly.
TEST_P(MatmulOn, PutsEveryElementInItsPlace) {
  constexpr std::int64_t M = 144, N = 150, K = 131;
  const auto picks = [](std::int64_t, std::int64_t m, std::int64_t k) { return k == m * 37 % K ? 1.0f : 0.0f; };
  const auto code = [](std::int64_t, std::int64_t k, std::int64_t n) { return k * N + n; };
  for (bool large : {false, true}) {
    choose_tiles(large);
    for (Layout layout : layouts) {
      const auto low = [&](std::int64_t item, std::int64_t k, std::int64_t n) {
        return static_cast<float>(code(item, k, n) % 2048);
      };
      const auto high = [&](std::int64_t item, std::int64_t k, std::int64_t n) {
        return static_cast<float>(code(item, k, n) / 2048);
      };
      prove_given(given_matrices(Problem{M, N, K, 1, layout}, picks, low, {.exact = true}));
      prove_given(given_matrices(Problem{M, N, K, 1, layout}, picks, high, {.exact = true}));
    }
  }
}

// An infinity and a NaN spoil their own row and column, and nothing that shares a tile with them.
TEST_P(MatmulOn, InfinityAndNaNStayInTheirRowAndColumn) {
  const auto a = [](std::int64_t, std::int64_t m, std::int64_t k) {
    if (k == 3 && m == 5) return INFINITY;
    if (k == 40 && m == 64) return NAN;
    return 1.0f;
  };
  const auto b = [](std::int64_t, std::int64_t k, std::int64_t n) {
    if (k == 7 && n == 9) return -INFINITY;
    return n == 20 ? -60000.0f : 0.5f;  // column 20 overflows by itself
  };
  for (Layout layout : layouts) prove_given(given_matrices(Problem{70, 66, 41, 1, layout}, a, b, {}));
}

INSTANTIATE_TEST_SUITE_P(Devices, MatmulOn, every_device(), device_name);

}  // namespace
}  // namespace kernelgate

// Every implementation of conv2d that runs here, against the reference, at sizes that break tiled kernels.

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>

#include "harness/statistics/rates_for_test.h"
#include "kernels/conv2d/conv2d_for_test.h"

namespace kernelgate {
namespace {

TEST_P(Conv2dOn, SizeOne) {
  prove_each({{}, {.relu = true}, {.transposed = true}, {.n = 3}, {.c = 8, .k = 8}, {.pad = 1}});
}

TEST_P(Conv2dOn, EveryEpilogue) {
  for (int which = 0; which < 16; ++which)
    for (const bool transposed : {false, true})
      prove(Shape{.n = 2,
                  .image = {5, 6},
                  .c = 16,
                  .k = 24,
                  .filter = 3,
                  .pad = 1,
                  .bias = (which & 1) != 0,
                  .residual = (which & 2) != 0,
                  .transposed = transposed,
                  .activation = static_cast<Conv2d::Activation>(which / 4)});
}

TEST_P(Conv2dOn, PrimesAndTails) {
  prove_each({{.n = 3, .image = {13, 11}, .c = 17, .k = 37, .filter = {3, 5}, .pad = {1, 2}},
              {.image = {9, 7}, .c = 40, .k = 72, .filter = 3, .pad = 1},
              {.n = 5, .image = {7, 5}, .c = 31, .k = 33},
              {.image = {1, 65}, .c = 8, .k = 65, .filter = {1, 3}, .pad = {0, 1}},
              {.image = {11, 12}, .c = 24, .k = 129, .filter = 2}});
}

TEST_P(Conv2dOn, FewChannels) {
  for (const std::int64_t c : {1, 3, 6, 15}) prove_each({{.image = 12, .c = c, .k = 16, .filter = 7, .pad = 3}});
  prove_each({{.image = {9, 16}, .c = 1, .k = 32, .filter = 3, .pad = 1}});
}

TEST_P(Conv2dOn, ChannelsThatAreNoMultipleOfEight) {
  for (const std::int64_t c : {4, 12, 20})
    for (const bool transposed : {false, true})
      prove_each({{.image = {6, 7}, .c = c, .k = 16, .filter = 3, .pad = 1, .transposed = transposed},
                  {.image = {6, 7}, .c = 16, .k = c, .filter = 3, .pad = 1, .transposed = transposed}});
}

TEST_P(Conv2dOn, FewOutputChannels) {
  for (const std::int64_t k : {2, 3, 5})
    prove_each({{.image = {10, 9}, .c = 32, .k = k}, {.image = 6, .c = 5, .k = k, .filter = 3}});
}

TEST_P(Conv2dOn, StridesAndPadding) {
  prove_each({
      {.image = {20, 8}, .c = 8, .k = 16, .filter = 3, .stride = {3, 1}, .pad = 1},
      {.image = {9, 6}, .c = 16, .k = 8, .filter = 3, .stride = {3, 2}, .pad = 1},
      {.image = {7, 10}, .c = 8, .k = 8, .filter = 3, .stride = {1, 2}, .pad = {2, 1}},
      {.image = 5, .c = 8, .k = 8, .filter = 3, .pad = {5, 4}},  // all halo
      {.image = {11, 12}, .c = 8, .k = 8, .stride = {3, 4}},     // steps over
      {.image = 3, .c = 16, .k = 16, .filter = 3},               // one output
      {.image = 4, .c = 16, .k = 16, .filter = 7, .stride = 2, .pad = 3},
  });
}

TEST_P(Conv2dOn, Dilation) {
  prove_each({
      {.image = 12, .c = 8, .k = 16, .filter = 3, .pad = 2, .dilation = 2},
      {.image = {13, 14}, .c = 7, .k = 9, .filter = {3, 2}, .stride = {2, 1}, .pad = {3, 0}, .dilation = {3, 2}},
  });
}

TEST_P(Conv2dOn, Groups) {
  prove_each({
      {.image = 6, .c = 64, .k = 64, .filter = 3, .pad = 1, .groups = 4},
      {.image = {6, 5}, .c = 6, .k = 9, .filter = 3, .groups = 3},
      {.image = 7, .c = 12, .k = 12, .filter = 3, .pad = 1, .groups = 12},  // depthwise
      {.image = 5, .c = 5, .k = 10, .filter = 5, .pad = 2, .groups = 5},    // with multiplier
      {.image = 4, .c = 16, .k = 48, .filter = 3, .groups = 2, .transposed = true},
      {.image = 4, .c = 6, .k = 6, .filter = 3, .stride = 2, .groups = 6, .transposed = true},
  });
}

TEST_P(Conv2dOn, Transposed) {
  prove_each({
      {.image = 6, .c = 32, .k = 16, .filter = 3, .stride = 2, .pad = 1, .transposed = true, .output_padding = 1},
      {.c = 64, .k = 40, .filter = 3, .transposed = true},
      {.n = 2, .image = {5, 3}, .c = 8, .k = 72, .filter = 4, .stride = 2, .pad = 1, .transposed = true},
      {.image = {1, 9}, .c = 24, .k = 8, .filter = {1, 16}, .stride = {1, 8}, .pad = {0, 4}, .transposed = true},
      {.image = {4, 5},
       .c = 7,
       .k = 3,
       .filter = {3, 2},
       .stride = {3, 2},
       .pad = {1, 0},
       .transposed = true,
       .output_padding = {2, 0}},
      {.image = 5,
       .c = 8,
       .k = 8,
       .filter = 3,
       .stride = {3, 2},
       .dilation = 2,
       .transposed = true,
       .output_padding = {0, 1}},
      {.image = {3, 4}, .c = 8, .k = 8, .stride = {3, 2}, .transposed = true},  // most outputs: empty sums
      {.image = 4, .c = 8, .k = 16, .filter = 3, .stride = 2, .pad = 3, .transposed = true},
      {.c = 8, .k = 8, .stride = {3, 2}, .transposed = true},  // fewer outputs than phases
  });
}

TEST_P(Conv2dOn, TwoInputs) {
  for (const bool transposed : {false, true})
    prove_each({
        {.image = {7, 6}, .c = 96, .k = 40, .filter = 3, .pad = 1, .transposed = transposed, .skip_c = 32},
        {.image = {5, 6}, .c = 40, .k = 24, .filter = 3, .stride = 2, .pad = 1, .transposed = transposed, .skip_c = 8},
        {.n = 2, .image = {4, 5}, .c = 11, .k = 9, .filter = {3, 2}, .transposed = transposed, .skip_c = 10},
        {.n = 3, .c = 80, .k = 70, .transposed = transposed, .skip_c = 16},
        {.image = {1, 9}, .c = 2, .k = 3, .filter = {1, 3}, .pad = {0, 1}, .transposed = transposed, .skip_c = 1},
    });
}

TEST_P(Conv2dOn, Large) {
  prove_each(
      {{.image = 24, .c = 64, .k = 64, .filter = 3, .pad = 1},
       {.n = 2, .image = 9, .c = 160, .k = 200, .filter = 3, .pad = 1},
       {.image = 6, .c = 96, .k = 136, .filter = 3, .stride = 2, .pad = 1, .transposed = true, .output_padding = 1}});
  // The same on a device so wide that kernels cut small tiles.
  device_.multiprocessors = 1000;
  prove(Shape{.image = 9, .c = 40, .k = 200, .filter = 3, .pad = 1, .bias = true});
}

// The largest phase has 20 x 20 pixels, several tiles; the others have a row or a column less.
TEST_P(Conv2dOn, SeveralTilesOfUnequalPhases) {
  prove(Shape{.image = 20, .c = 8, .k = 16, .filter = 3, .stride = 2, .pad = 1, .transposed = true});
}

TEST_P(Conv2dOn, MisalignedPointers) {
  for (const std::size_t elements : {1, 2, 4})
    for (const bool transposed : {false, true})
      prove(Shape{.image = {6, 7},
                  .c = 16,
                  .k = 24,
                  .filter = 3,
                  .pad = 1,
                  .bias = true,
                  .residual = true,
                  .relu = true,
                  .transposed = transposed},
            misaligned(elements));
}

/// Any problem that is soon computed; invalid ones among them.
Conv2d::Problem draw(Random& random) {
  const auto pick = [&random](std::initializer_list<std::int64_t> of) { return of.begin()[random.below(of.size())]; };
  Conv2d::Problem problem;
  problem.n = pick({1, 1, 2, 3});
  problem.h = pick({1, 2, 3, 5, 7, 10}), problem.w = pick({1, 3, 4, 6, 9, 13});
  problem.groups = pick({1, 1, 1, 2, 3});
  problem.c = problem.groups * pick({1, 2, 3, 5, 6, 7, 8, 15, 16, 17, 24, 31, 33, 64, 80, 96, 160});
  problem.k = problem.groups * pick({1, 2, 3, 5, 8, 15, 16, 17, 31, 33, 40, 70, 80, 96, 160});
  problem.r = pick({1, 2, 3, 3, 4, 5, 7, 11}), problem.s = pick({1, 2, 3, 3, 4, 6, 8, 11});
  problem.stride_h = pick({1, 1, 2, 3}), problem.stride_w = pick({1, 1, 2, 3});
  problem.pad_h = pick({0, 1, 1, 2, 3, 5}), problem.pad_w = pick({0, 1, 2, 4});
  problem.dilation_h = pick({1, 1, 1, 2, 3}), problem.dilation_w = pick({1, 1, 2, 3});
  problem.bias = random.below(2) != 0, problem.residual = random.below(2) != 0,
  problem.activation = std::array{Conv2d::Activation::none, Conv2d::Activation::relu, Conv2d::Activation::gelu,
                                  Conv2d::Activation::sigmoid}[random.below(4)];
  problem.transposed = random.below(2) != 0;
  if (problem.transposed) {
    problem.output_padding_h = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(problem.stride_h)));
    problem.output_padding_w = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(problem.stride_w)));
  }
  if (problem.groups == 1 && random.below(3) == 0)
    problem.skip_c = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(problem.c)));
  return problem;
}

bool soon_computed(const Conv2d::Problem& problem) {
  try {
    Conv2d::validate(problem);
  } catch (const InvalidProblem&) {
    return false;
  }
  return Conv2d::work(problem).flop <= 4e6 && problem.y_count() <= 40000;
}

// Always the same ones; with KERNELGATE_THOROUGH=1 until the kernels of each architecture have taken 1000.
TEST_P(Conv2dOn, RandomSmallShapes) {
  const bool thorough = for_test::thorough();
  const int wanted = thorough ? 1000 : 60;
  std::map<std::string, int> taken;  // by architecture: "sm80"
  for (const auto& one : Implementations<Conv2d>::sorted())
    if (thorough && one.device == device_.kind && one.name.starts_with("sm"))
      taken[one.name.substr(0, one.name.find('_'))];
  const auto enough = [&](int done) {
    return done >= wanted && std::ranges::all_of(taken, [&](const auto& one) { return one.second >= wanted; });
  };
  Random random(2024);
  for (int tried = 0, done = 0; !enough(done); ++tried) {
    ASSERT_LT(tried, 1'000'000) << "the draw hardly ever gives what a kernel takes";
    const Conv2d::Problem problem = draw(random);
    const std::size_t misalign = std::array<std::size_t, 5>{0, 0, 0, 1, 4}[random.below(5)];
    if (!soon_computed(problem)) continue;
    std::set<std::string> by;
    for (const Output& output :
         prove(problem, {.seed = static_cast<std::uint64_t>(tried), .misalign_elements = misalign, .flop_budget = 2e8}))
      by.insert(output.by.name.substr(0, output.by.name.find('_')));
    for (auto& [architecture, count] : taken) count += by.contains(architecture) ? 1 : 0;
    ++done;
    if (HasFailure()) FAIL() << "at the " << done << "th shape";
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, Conv2dOn, every_device(), device_name);

}  // namespace
}  // namespace kernelgate

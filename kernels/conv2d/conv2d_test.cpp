// Every implementation of conv2d that runs here, against the reference, at sizes that break tiled kernels.

#include "bench/run/devices.h"
#include "kernels/conv2d/conv2d_for_test.h"
#include "kernels/op/random.h"

namespace kernelgate {

std::optional<Device> device_of(DeviceKind kind, std::string& reason) {
  if (kind == DeviceKind::cuda) return cuda_device(0, reason);
  return kind == DeviceKind::cpu ? cpu_device() : simt_device();
}

namespace {

using Problem = Conv2d::Problem;

TEST_P(Conv2dOn, SizeOne) {
  expect_right({{}, {.relu = true}, {.transposed = true}, {.n = 3}, {.c = 8, .k = 8}, {.pad_h = 1, .pad_w = 1}});
}

TEST_P(Conv2dOn, EveryEpilogue) {
  for (int which = 0; which < 8; ++which)
    for (const bool transposed : {false, true})
      expect_right({.n = 2,
                    .h = 5,
                    .w = 6,
                    .c = 16,
                    .k = 24,
                    .r = 3,
                    .s = 3,
                    .pad_h = 1,
                    .pad_w = 1,
                    .bias = (which & 1) != 0,
                    .residual = (which & 2) != 0,
                    .relu = (which & 4) != 0,
                    .transposed = transposed});
}

TEST_P(Conv2dOn, PrimesAndTails) {
  expect_right({{.n = 3, .h = 13, .w = 11, .c = 17, .k = 37, .r = 3, .s = 5, .pad_h = 1, .pad_w = 2},
                {.n = 1, .h = 9, .w = 7, .c = 40, .k = 72, .r = 3, .s = 3, .pad_h = 1, .pad_w = 1},
                {.n = 5, .h = 7, .w = 5, .c = 31, .k = 33, .r = 1, .s = 1},
                {.n = 1, .h = 1, .w = 65, .c = 8, .k = 65, .r = 1, .s = 3, .pad_w = 1},
                {.n = 1, .h = 11, .w = 12, .c = 24, .k = 129, .r = 2, .s = 2}});
}

TEST_P(Conv2dOn, FewChannels) {
  for (const std::int64_t c : {1, 3, 6, 15})
    expect_right({{.h = 12, .w = 12, .c = c, .k = 16, .r = 7, .s = 7, .pad_h = 3, .pad_w = 3}});
  expect_right({{.h = 9, .w = 16, .c = 1, .k = 32, .r = 3, .s = 3, .pad_h = 1, .pad_w = 1}});
}

TEST_P(Conv2dOn, ChannelsThatAreNoMultipleOfEight) {
  for (const std::int64_t c : {4, 12, 20})
    for (const bool transposed : {false, true})
      expect_right(
          {{.h = 6, .w = 7, .c = c, .k = 16, .r = 3, .s = 3, .pad_h = 1, .pad_w = 1, .transposed = transposed},
           {.h = 6, .w = 7, .c = 16, .k = c, .r = 3, .s = 3, .pad_h = 1, .pad_w = 1, .transposed = transposed}});
}

TEST_P(Conv2dOn, FewOutputChannels) {
  for (const std::int64_t k : {2, 3, 5})
    expect_right({{.h = 10, .w = 9, .c = 32, .k = k}, {.h = 6, .w = 6, .c = 5, .k = k, .r = 3, .s = 3}});
}

TEST_P(Conv2dOn, StridesAndPadding) {
  expect_right({
      {.h = 20, .w = 8, .c = 8, .k = 16, .r = 3, .s = 3, .stride_h = 3, .stride_w = 1, .pad_h = 1, .pad_w = 1},
      {.h = 9, .w = 6, .c = 16, .k = 8, .r = 3, .s = 3, .stride_h = 3, .stride_w = 2, .pad_h = 1, .pad_w = 1},
      {.h = 7, .w = 10, .c = 8, .k = 8, .r = 3, .s = 3, .stride_h = 1, .stride_w = 2, .pad_h = 2, .pad_w = 1},
      {.h = 5, .w = 5, .c = 8, .k = 8, .r = 3, .s = 3, .pad_h = 5, .pad_w = 4},  // all halo
      {.h = 11, .w = 12, .c = 8, .k = 8, .stride_h = 3, .stride_w = 4},          // steps over
      {.h = 3, .w = 3, .c = 16, .k = 16, .r = 3, .s = 3},                        // one output
      {.h = 4, .w = 4, .c = 16, .k = 16, .r = 7, .s = 7, .stride_h = 2, .stride_w = 2, .pad_h = 3, .pad_w = 3},
  });
}

TEST_P(Conv2dOn, Dilation) {
  expect_right({
      {.h = 12, .w = 12, .c = 8, .k = 16, .r = 3, .s = 3, .pad_h = 2, .pad_w = 2, .dilation_h = 2, .dilation_w = 2},
      {.h = 13, .w = 14, .c = 7, .k = 9, .r = 3, .s = 2, .stride_h = 2, .pad_h = 3, .dilation_h = 3, .dilation_w = 2},
  });
}

TEST_P(Conv2dOn, Groups) {
  expect_right({
      {.h = 6, .w = 6, .c = 64, .k = 64, .r = 3, .s = 3, .pad_h = 1, .pad_w = 1, .groups = 4},
      {.h = 6, .w = 5, .c = 6, .k = 9, .r = 3, .s = 3, .groups = 3},
      {.h = 7, .w = 7, .c = 12, .k = 12, .r = 3, .s = 3, .pad_h = 1, .pad_w = 1, .groups = 12},  // depthwise
      {.h = 5, .w = 5, .c = 5, .k = 10, .r = 5, .s = 5, .pad_h = 2, .pad_w = 2, .groups = 5},    // with multiplier
      {.h = 4, .w = 4, .c = 16, .k = 48, .r = 3, .s = 3, .groups = 2, .transposed = true},
      {.h = 4, .w = 4, .c = 6, .k = 6, .r = 3, .s = 3, .stride_h = 2, .stride_w = 2, .groups = 6, .transposed = true},
  });
}

TEST_P(Conv2dOn, Transposed) {
  expect_right({
      {.h = 6,
       .w = 6,
       .c = 32,
       .k = 16,
       .r = 3,
       .s = 3,
       .stride_h = 2,
       .stride_w = 2,
       .pad_h = 1,
       .pad_w = 1,
       .transposed = true,
       .output_padding_h = 1,
       .output_padding_w = 1},
      {.c = 64, .k = 40, .r = 3, .s = 3, .transposed = true},
      {.n = 2,
       .h = 5,
       .w = 3,
       .c = 8,
       .k = 72,
       .r = 4,
       .s = 4,
       .stride_h = 2,
       .stride_w = 2,
       .pad_h = 1,
       .pad_w = 1,
       .transposed = true},
      {.h = 1, .w = 9, .c = 24, .k = 8, .r = 1, .s = 16, .stride_w = 8, .pad_w = 4, .transposed = true},
      {.h = 4,
       .w = 5,
       .c = 7,
       .k = 3,
       .r = 3,
       .s = 2,
       .stride_h = 3,
       .stride_w = 2,
       .pad_h = 1,
       .transposed = true,
       .output_padding_h = 2},
      {.h = 5,
       .w = 5,
       .c = 8,
       .k = 8,
       .r = 3,
       .s = 3,
       .stride_h = 3,
       .stride_w = 2,
       .dilation_h = 2,
       .dilation_w = 2,
       .transposed = true,
       .output_padding_w = 1},
      {.h = 3, .w = 4, .c = 8, .k = 8, .stride_h = 3, .stride_w = 2, .transposed = true},  // most outputs: empty sums
      {.h = 4,
       .w = 4,
       .c = 8,
       .k = 16,
       .r = 3,
       .s = 3,
       .stride_h = 2,
       .stride_w = 2,
       .pad_h = 3,
       .pad_w = 3,
       .transposed = true},
      {.c = 8, .k = 8, .stride_h = 3, .stride_w = 2, .transposed = true},  // fewer outputs than phases
  });
}

TEST_P(Conv2dOn, Large) {
  expect_right({{.h = 24, .w = 24, .c = 64, .k = 64, .r = 3, .s = 3, .pad_h = 1, .pad_w = 1},
                {.n = 2, .h = 9, .w = 9, .c = 160, .k = 200, .r = 3, .s = 3, .pad_h = 1, .pad_w = 1},
                {.n = 1,
                 .h = 6,
                 .w = 6,
                 .c = 96,
                 .k = 136,
                 .r = 3,
                 .s = 3,
                 .stride_h = 2,
                 .stride_w = 2,
                 .pad_h = 1,
                 .pad_w = 1,
                 .transposed = true,
                 .output_padding_h = 1,
                 .output_padding_w = 1}});
  // The same on a device so wide that kernels cut small tiles.
  device_.multiprocessors = 1000;
  expect_right({.h = 9, .w = 9, .c = 40, .k = 200, .r = 3, .s = 3, .pad_h = 1, .pad_w = 1, .bias = true});
}

TEST_P(Conv2dOn, MisalignedPointers) {
  for (const std::size_t elements : {1, 2, 4})
    for (const bool transposed : {false, true})
      expect_right({.n = 1,
                    .h = 6,
                    .w = 7,
                    .c = 16,
                    .k = 24,
                    .r = 3,
                    .s = 3,
                    .pad_h = 1,
                    .pad_w = 1,
                    .bias = true,
                    .residual = true,
                    .relu = true,
                    .transposed = transposed},
                   elements);
}

TEST_P(Conv2dOn, RandomSmallShapes) {
  Random random(2024);
  const auto pick = [&random](std::initializer_list<std::int64_t> of) { return of.begin()[random.below(of.size())]; };
  for (int tried = 0, done = 0; done < 60; ++tried) {
    ASSERT_LT(tried, 10000) << "the draw below hardly ever gives a valid problem";
    Problem problem;
    problem.n = pick({1, 1, 2, 3});
    problem.h = pick({1, 2, 3, 5, 7, 10}), problem.w = pick({1, 3, 4, 6, 9, 13});
    problem.groups = pick({1, 1, 1, 2, 3});
    problem.c = problem.groups * pick({1, 2, 3, 4, 6, 7, 8, 12, 15, 16, 17, 24, 31});
    problem.k = problem.groups * pick({1, 2, 3, 5, 8, 15, 16, 17, 33, 40, 70});
    problem.r = pick({1, 2, 3, 3, 4, 5, 7}), problem.s = pick({1, 2, 3, 3, 4, 6});
    problem.stride_h = pick({1, 1, 2, 3}), problem.stride_w = pick({1, 1, 2, 3});
    problem.pad_h = pick({0, 1, 1, 2, 3}), problem.pad_w = pick({0, 1, 2});
    problem.dilation_h = pick({1, 1, 1, 2, 3}), problem.dilation_w = pick({1, 1, 2, 3});
    problem.bias = random.below(2) != 0, problem.residual = random.below(2) != 0, problem.relu = random.below(2) != 0;
    problem.transposed = random.below(2) != 0;
    if (problem.transposed) {
      problem.output_padding_h = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(problem.stride_h)));
      problem.output_padding_w = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(problem.stride_w)));
    }
    try {
      Conv2d::validate(problem);
    } catch (const InvalidProblem&) {
      continue;
    }
    if (Conv2d::work(problem).flop > 4e6 || problem.y_count() > 40000) continue;
    expect_right(problem, static_cast<std::size_t>(pick({0, 0, 0, 1, 4})), static_cast<std::uint64_t>(tried));
    ++done;
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, Conv2dOn, testing::Values(DeviceKind::simt, DeviceKind::cpu, DeviceKind::cuda),
                         [](const auto& kind) { return std::string(to_string(kind.param)); });

}  // namespace
}  // namespace kernelgate

// Every implementation of conv2d where there is one right answer: exact sums, NaN, nothing to do.

#include <cmath>
#include <limits>

#include "kernels/conv2d/conv2d_for_test.h"
#include "kernels/op/random.h"

namespace kernelgate {
namespace {

using Problem = Conv2d::Problem;

class Conv2dExactOn : public Conv2dOn {};

std::vector<std::int64_t> all_indices(const Problem& problem) {
  return sample_indices(problem.y_count(), problem.k, problem.y_count(), 1);
}

std::vector<Expected> reference(const Problem& problem, const std::vector<std::vector<f16>>& inputs) {
  std::vector<void*> pointers;
  for (const auto& input : inputs) pointers.push_back(input.empty() ? nullptr : const_cast<f16*>(input.data()));
  pointers.push_back(nullptr);
  const auto indices = all_indices(problem);
  std::vector<Expected> expected(indices.size());
  Conv2d::reference(problem, Conv2d::bind(problem, pointers), indices, expected);
  return expected;
}

/// The one right answer where sums are exact. Adding 0 makes -0 a 0: which of them a sum of zeros is depends on
/// its order.
std::vector<f16> rounded(const std::vector<Expected>& expected) {
  std::vector<f16> values;
  for (const Expected& e : expected) values.push_back(to_f16(static_cast<float>(e.value) + 0.0f));
  return values;
}

/// Integers of [-4, 4]: all sums are exact in f32 in any order, so that results must be the same to the bit.
std::vector<std::vector<f16>> integer_inputs(const Problem& problem, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::vector<f16>> inputs;
  for (const auto& tensor : Conv2d::inputs(problem)) {
    inputs.emplace_back(static_cast<std::size_t>(tensor.count));
    for (f16& value : inputs.back()) value = to_f16(static_cast<float>(random.below(9)) - 4.0f);
  }
  return inputs;
}

TEST_P(Conv2dExactOn, IntegersAreExactToTheBit) {
  const Problem forward{.n = 2,
                        .h = 9,
                        .w = 8,
                        .c = 48,
                        .k = 40,
                        .r = 3,
                        .s = 3,
                        .stride_h = 2,
                        .pad_h = 1,
                        .pad_w = 1,
                        .bias = true,
                        .residual = true,
                        .relu = true};
  const Problem transposed{.h = 5,
                           .w = 6,
                           .c = 64,
                           .k = 48,
                           .r = 3,
                           .s = 3,
                           .stride_h = 2,
                           .stride_w = 2,
                           .pad_h = 1,
                           .pad_w = 1,
                           .bias = true,
                           .transposed = true,
                           .output_padding_h = 1,
                           .output_padding_w = 1};
  const Problem odd{.h = 8, .w = 8, .c = 6, .k = 7, .r = 5, .s = 3, .pad_h = 2, .pad_w = 1, .residual = true};
  for (const Problem& problem : {forward, transposed, odd}) {
    const auto inputs = integer_inputs(problem, 7);
    const auto expected = rounded(reference(problem, inputs));
    for (const auto& implementation : Registry<Conv2d>::sorted()) {
      const auto got = run(implementation, problem, inputs);
      if (got.empty()) continue;
      EXPECT_EQ(got, expected) << implementation.name << " " << Conv2d::problem_name(problem);
    }
  }
}

TEST_P(Conv2dExactOn, EachPointerMisalignedAlone) {
  for (const bool transposed : {false, true}) {
    const Problem problem{.h = 6,
                          .w = 7,
                          .c = 16,
                          .k = 24,
                          .r = 3,
                          .s = 3,
                          .pad_h = 1,
                          .pad_w = 1,
                          .bias = true,
                          .residual = true,
                          .transposed = transposed};
    const auto inputs = integer_inputs(problem, 11);
    const auto expected = rounded(reference(problem, inputs));
    for (std::size_t which = 0; which < 5; ++which)
      for (const auto& implementation : Registry<Conv2d>::sorted()) {
        const auto got = run(implementation, problem, inputs, which);
        if (got.empty()) continue;
        EXPECT_EQ(got, expected) << implementation.name << ", tensor " << which;
      }
  }
}

TEST_P(Conv2dExactOn, NanSurvives) {
  const f16 nan = to_f16(std::numeric_limits<float>::quiet_NaN());
  const Problem problem{.h = 4, .w = 4, .c = 8, .k = 8, .r = 3, .s = 3, .pad_h = 1, .pad_w = 1, .relu = true};
  auto inputs = integer_inputs(problem, 3);
  // At (2, 1), so that a read behind the last filter row, three rows below the first, would meet it too.
  inputs[0][static_cast<std::size_t>((2 * 4 + 1) * 8)] = nan;  // reaches pixels (1..3, 0..2), all channels
  inputs[1][static_cast<std::size_t>(5 * 9 * 8)] = nan;        // reaches channel 5 everywhere: padding is a real zero
  for (const auto& implementation : Registry<Conv2d>::sorted()) {
    if (implementation.origin == Origin::peer) continue;  // vendors' ReLU may drop it
    const auto got = run(implementation, problem, inputs);
    for (std::size_t i = 0; i < got.size(); ++i) {
      const std::size_t channel = i % 8, q = i / 8 % 4, p = i / 32;
      EXPECT_EQ(std::isnan(to_float(got[i])), channel == 5 || (p >= 1 && q <= 2)) << implementation.name << " at " << i;
    }
  }
}

TEST_P(Conv2dExactOn, NothingToDo) {
  for (const Problem& problem : {Problem{.n = 0, .h = 4, .w = 4, .c = 8, .k = 8, .bias = true, .residual = true},
                                 Problem{.h = 4, .w = 4, .c = 8, .k = 0}}) {
    Conv2d::validate(problem);
    for (const auto& implementation : Registry<Conv2d>::sorted())
      EXPECT_NO_THROW(run(implementation, problem, integer_inputs(problem, 1))) << implementation.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, Conv2dExactOn, testing::Values(DeviceKind::simt, DeviceKind::cpu, DeviceKind::cuda),
                         [](const auto& kind) { return std::string(to_string(kind.param)); });

}  // namespace
}  // namespace kernelgate

// Every implementation of conv2d where there is one right answer: exact sums, NaN, nothing to do.

#include <cmath>
#include <limits>

#include "kernels/conv2d/conv2d_for_test.h"

namespace kernelgate {
namespace {

class Conv2dExactOn : public Conv2dOn {};

TEST_P(Conv2dExactOn, IntegersAreExactToTheBit) {
  const Shape forward{.n = 2,
                      .image = {9, 8},
                      .c = 48,
                      .k = 40,
                      .filter = 3,
                      .stride = {2, 1},
                      .pad = 1,
                      .bias = true,
                      .residual = true,
                      .relu = true};
  const Shape transposed{.image = {5, 6},
                         .c = 64,
                         .k = 48,
                         .filter = 3,
                         .stride = 2,
                         .pad = 1,
                         .bias = true,
                         .transposed = true,
                         .output_padding = 1};
  const Shape odd{.image = 8, .c = 6, .k = 7, .filter = {5, 3}, .pad = {2, 1}, .residual = true};
  Shape joined = forward, joined_transposed = transposed, joined_odd = odd;
  joined.skip_c = 16, joined_transposed.skip_c = 24, joined_odd.skip_c = 5;
  for (const Shape& shape : {forward, transposed, odd, joined, joined_transposed, joined_odd})
    prove_given(given_integers(shape, 7));
}

// Together none of them is aligned, and what looks at one alone is never seen. By 4 elements: 8 bytes, half a vector.
TEST_P(Conv2dExactOn, EachPointerMisalignedAlone) {
  for (const bool transposed : {false, true}) {
    const Shape shape{.image = {6, 7},
                      .c = 16,
                      .k = 24,
                      .filter = 3,
                      .pad = 1,
                      .bias = true,
                      .residual = true,
                      .transposed = transposed,
                      .skip_c = 8};
    for (int tensor = 0; tensor < 6; ++tensor)
      for (const std::size_t elements : {1, 4})
        prove_given(given_integers(shape, 11),
                    {.seed = 1, .misalign_elements = elements, .flop_budget = 2e8, .misalign_tensor = tensor});
  }
}

TEST_P(Conv2dExactOn, NanSurvives) {
  if (GetParam() == DeviceKind::cpu) GTEST_SKIP() << "vendors' ReLU may drop it";
  const auto spoil = [](f16* x, f16* w) {
    const f16 nan = to_f16(std::numeric_limits<float>::quiet_NaN());
    // At (2, 1), so that a read behind the last filter row, three rows below the first, would meet it too.
    x[(2 * 4 + 1) * 8] = nan;  // reaches pixels (1..3, 0..2), all channels
    w[5 * 9 * 8] = nan;        // reaches channel 5 everywhere: padding is a real zero
  };
  const Shape shape{.image = 4, .c = 8, .k = 8, .filter = 3, .pad = 1, .relu = true};
  for (const Output& output : prove_given(given_integers(shape, 3, {.exact = true, .ours_only = true}, spoil)))
    for (std::size_t i = 0; i < output.values.size(); ++i) {
      const std::size_t channel = i % 8, q = i / 8 % 4, p = i / 32;
      EXPECT_EQ(std::isnan(output.values[i]), channel == 5 || (p >= 1 && q <= 2)) << output.by.name << " at " << i;
    }
}

TEST_P(Conv2dExactOn, NothingToDo) {
  for (const Shape& shape :
       {Shape{.n = 0, .image = 4, .c = 8, .k = 8, .bias = true, .residual = true}, Shape{.image = 4, .c = 8, .k = 0}})
    prove_given(given_integers(shape, 1));
}

INSTANTIATE_TEST_SUITE_P(Devices, Conv2dExactOn, every_device(), device_name);

}  // namespace
}  // namespace kernelgate

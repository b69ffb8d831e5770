#include "kernels/op/inputs.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/conv2d/conv2d.h"
#include "kernels/op/fake_problem_for_test.h"

namespace kernelgate {
namespace {

TEST(Inputs, OtherValuesAreTheSameOnesElsewhere) {
  const FakeProblem problem(1000, {});
  Inputs inputs(problem, 5);
  std::vector<std::byte> first = inputs.bytes(0);
  for (int i = 0; i < 20; ++i) {
    const std::vector<std::byte> before = inputs.bytes(0);
    inputs.renew();
    EXPECT_NE(inputs.bytes(0), before);
  }
  const auto* values = static_cast<const float*>(inputs.pointers()[0]);
  std::vector<float> sorted(values, values + 1000);
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i) EXPECT_EQ(sorted[i], static_cast<float>(i) + 5);
}

TEST(Inputs, ConstantsStay) {
  const TypedProblem<Conv2d> problem({{.n = 1, .h = 6, .w = 6, .c = 2, .k = 3, .bias = true}, "", {}});
  Inputs inputs(problem, 1);
  const auto x = inputs.bytes(0), w = inputs.bytes(1), bias = inputs.bytes(2);
  inputs.renew();
  EXPECT_NE(inputs.bytes(0), x);
  EXPECT_EQ(inputs.bytes(1), w);
  EXPECT_EQ(inputs.bytes(2), bias);
}

TEST(Inputs, ASeedRepeatsThem) {
  const FakeProblem problem(100, {});
  Inputs one(problem, 3), same(problem, 3);
  for (int i = 0; i < 3; ++i) one.renew(), same.renew();
  EXPECT_EQ(one.bytes(0), same.bytes(0));
}

TEST(Inputs, ATensorOfNoneOrOneElementHasNoOthers) {
  for (std::int64_t count : {0, 1}) {
    const FakeProblem problem(count, {});
    Inputs inputs(problem, 1);
    const auto before = inputs.bytes(0);
    inputs.renew();
    EXPECT_EQ(inputs.bytes(0), before);
  }
}

}  // namespace
}  // namespace kernelgate

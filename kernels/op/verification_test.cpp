#include "kernels/op/verification.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace kernelgate {
namespace {

std::vector<std::byte> bytes_of_floats(const std::vector<float>& values) {
  const auto* begin = reinterpret_cast<const std::byte*>(values.data());
  return {begin, begin + values.size() * sizeof(float)};
}

std::vector<std::int64_t> differing(const std::vector<float>& one, const std::vector<float>& other, double tolerance) {
  return differences({"y", Type::f32, static_cast<std::int64_t>(one.size())}, bytes_of_floats(one),
                     bytes_of_floats(other), tolerance);
}

TEST(Differences, AreThoseBeyondTheTolerance) {
  EXPECT_EQ(differing({1, 2, 3}, {1, 2.5, 3.25}, 0.25), std::vector<std::int64_t>{1});
  EXPECT_TRUE(differing({1, 2, 3}, {1, 2, 3}, 0).empty());
}

TEST(Differences, ANanOrAnInfinityOfOneAloneIsADifference) {
  const float nan = NAN, infinity = INFINITY;
  EXPECT_EQ(differing({nan, 1, infinity, nan}, {1, infinity, infinity, nan}, 1e9), (std::vector<std::int64_t>{0, 1}));
}

TEST(Compare, AnErrorOfTwiceTheBoundIsWrongAndOfTheBoundIsRight) {
  const TensorSpec spec{"y", Type::f32, 2};
  const std::vector<std::int64_t> at{0, 1};
  const std::vector<Expected> expected{{1, 0.25}, {2, 0.25}};
  EXPECT_TRUE(compare(spec, bytes_of_floats({1.25, 2}), at, expected).right);
  const Verification found = compare(spec, bytes_of_floats({1.25, 1.5}), at, expected);
  EXPECT_FALSE(found.right);
  EXPECT_EQ(found.wrong, 1);
  EXPECT_EQ(found.worst_index, 1);
  EXPECT_DOUBLE_EQ(found.max_error_ratio, 2);
}

}  // namespace
}  // namespace kernelgate

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

// 2 matrices of 130 x 300: three outputs of two tiles are off.
TEST(Compare, AWrongOutputOfAMatrixIsNamedByRowColumnAndTile) {
  const TensorSpec spec{.name = "c", .type = Type::f32, .count = 2 * 130 * 300, .rows = 130, .columns = 300};
  std::vector<float> values(2 * 130 * 300);
  std::vector<std::int64_t> at(values.size());
  std::vector<Expected> expected(values.size());
  for (std::size_t i = 0; i < at.size(); ++i) {
    at[i] = static_cast<std::int64_t>(i);
    expected[i] = {static_cast<double>(i % 100), 0.25};
    values[i] = static_cast<float>(i % 100);
  }
  values[129 * 300 + 255] += 1;
  values[129 * 300 + 254] += 1;
  values[130 * 300 + 3 * 300 + 256] += 2;
  const Verification found = compare(spec, bytes_of_floats(values), at, expected);
  EXPECT_EQ(found.wrong, 3);
  EXPECT_EQ(
      found.describe(),
      "wrong: 3 of 78000 outputs compared are off, in 2 tiles of 128 x 128, the first from row 128, column 128 on; "
      "worst at row 3, column 256 of item 1: got 58, expected 56, 8 times the bound");
}

}  // namespace
}  // namespace kernelgate

// The contract of matmul: names, sizes, inputs, and the reference against products computed by hand.

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/matmul/matmul.h"

namespace kernelgate {
namespace {

using Problem = Matmul::Problem;

std::vector<f16> halves(std::initializer_list<float> values) {
  std::vector<f16> result;
  for (float value : values) result.push_back(to_f16(value));
  return result;
}

std::vector<Expected> all_expected(const Problem& problem, const std::vector<f16>& a, const std::vector<f16>& b) {
  const std::vector<std::int64_t> indices = Matmul::check_indices(problem, 1e9, 1);
  std::vector<Expected> expected(indices.size());
  Matmul::reference(problem, {a.data(), b.data(), nullptr}, indices, expected);
  return expected;
}

TEST(MatmulContract, NamesProblems) {
  EXPECT_EQ(Matmul::problem_name({256, 512, 64}), "f16_nt/256x512x64");
  EXPECT_EQ(Matmul::problem_name({512, 512, 512, 16, Layout::tn}), "f16_tn/b16/512x512x512");
}

TEST(MatmulContract, RefusesImpossibleSizes) {
  EXPECT_NO_THROW(Matmul::validate({0, 5, 0}));
  EXPECT_THROW(Matmul::validate({-1, 5, 5}), InvalidProblem);
  EXPECT_THROW(Matmul::validate({5, 5, -1}), InvalidProblem);
  EXPECT_THROW(Matmul::validate({5, 5, 5, 0}), InvalidProblem);
  EXPECT_THROW(Matmul::validate({std::int64_t{1} << 31, 5, 5}), InvalidProblem);
  EXPECT_THROW(Matmul::validate({1 << 30, 1 << 30, 1, 2}), InvalidProblem);
}

TEST(MatmulContract, CountsItsWork) {
  const Problem problem{2, 3, 5, 7};
  EXPECT_EQ(Matmul::work(problem).flop, 2.0 * 2 * 3 * 5 * 7);
  EXPECT_EQ(Matmul::work(problem).bytes, 2.0 * 7 * (2 * 5 + 3 * 5 + 2 * 3));
  EXPECT_EQ(Matmul::inputs(problem)[0].count, 7 * 2 * 5);
  EXPECT_EQ(Matmul::inputs(problem)[1].count, 7 * 3 * 5);
  EXPECT_EQ(Matmul::output(problem).count, 7 * 2 * 3);
}

TEST(MatmulContract, FillsWithTheNormalDistribution) {
  const Problem problem{512, 511, 513};
  std::vector<f16> a(512 * 513), b(511 * 513), again(511 * 513), other(512 * 513);
  void* first[] = {a.data(), b.data()};
  void* second[] = {other.data(), again.data()};
  Matmul::fill(problem, 7, first);
  Matmul::fill(problem, 7, second);
  EXPECT_EQ(a, other);
  EXPECT_EQ(b, again);
  EXPECT_NE(a[0], b[0]);  // two streams, not one twice
  Matmul::fill(problem, 8, second);
  EXPECT_NE(a, other);

  double sum = 0, squares = 0, beyond_two = 0;
  for (f16 value : a) {
    const double x = to_float(value);
    sum += x;
    squares += x * x;
    beyond_two += std::abs(x) > 2;
  }
  const auto count = static_cast<double>(a.size());
  EXPECT_NEAR(sum / count, 0, 0.02);  // four standard errors: 4 (262656^-1/2 + 65536^-1/2), the table's too
  EXPECT_NEAR(squares / count, 1, 0.04);
  EXPECT_NEAR(beyond_two / count, 0.0455, 0.005);
}

// A = [1 2 3; 4 5 6], B = [7 8; 9 10; 11 12], C = [58 64; 139 154], stored in each of the four ways.
TEST(MatmulReference, IsRightByHandInAllLayouts) {
  const auto a = halves({1, 2, 3, 4, 5, 6}), a_transposed = halves({1, 4, 2, 5, 3, 6});
  const auto b = halves({7, 8, 9, 10, 11, 12}), b_transposed = halves({7, 9, 11, 8, 10, 12});
  const double c[] = {58, 64, 139, 154};
  for (Layout layout : {Layout::nt, Layout::nn, Layout::tn, Layout::tt}) {
    const Problem problem{2, 2, 3, 1, layout};
    const auto expected =
        all_expected(problem, problem.a_transposed() ? a_transposed : a, problem.b_transposed() ? b_transposed : b);
    ASSERT_EQ(expected.size(), 4u);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(expected[i].value, c[i]) << to_string(layout) << " at " << i;
      // All products are positive: (|A| |B|) is the result.
      EXPECT_DOUBLE_EQ(expected[i].bound, 0x1p-11 * c[i] + 0x1p-23 * c[i] + 0x1p-25);
    }
  }
}

TEST(MatmulReference, SeparatesTheItemsOfABatch) {
  // Two 1x2 by 2x2 products; n is 2, so that rows of C and items of the batch differ.
  for (Layout layout : {Layout::nt, Layout::nn, Layout::tn, Layout::tt}) {
    const Problem problem{1, 2, 2, 2, layout};
    const auto a = halves({1, 2, 10, 20});
    const auto b = problem.b_transposed() ? halves({1, 3, 2, 4, 5, 7, 6, 8}) : halves({1, 2, 3, 4, 5, 6, 7, 8});
    const auto expected = all_expected(problem, a, b);
    ASSERT_EQ(expected.size(), 4u);
    EXPECT_EQ(expected[0].value, 1 * 1 + 2 * 3);
    EXPECT_EQ(expected[1].value, 1 * 2 + 2 * 4);
    EXPECT_EQ(expected[2].value, 10 * 5 + 20 * 7);
    EXPECT_EQ(expected[3].value, 10 * 6 + 20 * 8);
  }
}

TEST(MatmulReference, TakesAnyIndicesInAnyOrder) {
  const Problem problem{3, 5, 4, 2, Layout::tn};
  std::vector<f16> a(2 * 3 * 4), b(2 * 5 * 4);
  void* inputs[] = {a.data(), b.data()};
  Matmul::fill(problem, 3, inputs);
  const auto all = all_expected(problem, a, b);
  const std::vector<std::int64_t> some{29, 0, 14, 15, 0};
  std::vector<Expected> expected(some.size());
  Matmul::reference(problem, {a.data(), b.data(), nullptr}, some, expected);
  for (std::size_t i = 0; i < some.size(); ++i)
    EXPECT_EQ(expected[i].value, all[static_cast<std::size_t>(some[i])].value) << some[i];
}

TEST(MatmulReference, BoundGrowsWithCancelledProductsAndK) {
  // 17 products: two blocks of 16. They cancel but for the last, so that the sum says nothing of their size.
  const Problem problem{1, 1, 17};
  std::vector<f16> a(17, to_f16(1)), b(17, to_f16(3));
  for (std::size_t i = 0; i < 8; ++i) b[i] = to_f16(-3);
  const auto expected = all_expected(problem, a, b);
  EXPECT_EQ(expected[0].value, 3);
  EXPECT_DOUBLE_EQ(expected[0].bound, 0x1p-11 * 3 + 2 * 0x1p-23 * 51 + 0x1p-25);
}

TEST(MatmulReference, NoProductsMakeZero) {
  const auto expected = all_expected({2, 2, 0}, {}, {});
  ASSERT_EQ(expected.size(), 4u);
  EXPECT_EQ(expected[3].value, 0);
  EXPECT_EQ(expected[3].bound, 0x1p-25);
}

TEST(MatmulReference, OverflowAndNaN) {
  EXPECT_EQ(all_expected({1, 1, 1}, halves({255}), halves({256}))[0].value, 65280);  // fits
  EXPECT_EQ(all_expected({1, 1, 1}, halves({256}), halves({256}))[0].value, INFINITY);
  EXPECT_EQ(all_expected({1, 1, 1}, halves({256}), halves({-256}))[0].value, -INFINITY);
  EXPECT_TRUE(std::isnan(all_expected({1, 1, 2}, halves({1, NAN}), halves({1, 0}))[0].value));
}

}  // namespace
}  // namespace kernelgate

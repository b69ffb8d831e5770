// The contract of matmul: names, sizes, inputs, and the reference against products computed by hand.

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/matmul/matmul.h"
#include "kernels/op/bf16.h"

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

TEST(MatmulContract, NamesTypesAndEpilogues) {
  const auto name = [](Type type, const Epilogue& last) {
    return Matmul::problem_name({2, 3, 4, 1, Layout::nt, type, last});
  };
  EXPECT_EQ(name(Type::bf16, {}), "bf16_nt/2x3x4");
  EXPECT_EQ(name(Type::f16, {.alpha = 0.5f, .beta = -2, .source = true}), "f16_nt_alpha0.5_beta-2/2x3x4");
  EXPECT_EQ(name(Type::f16, {.source = true}), "f16_nt_source/2x3x4");
  EXPECT_EQ(name(Type::f16, {.bias = true, .activation = Activation::gelu}), "f16_nt_bias_gelu/2x3x4");
}

TEST(MatmulContract, RefusesImpossibleEpilogues) {
  const auto validate = [](Type type, const Epilogue& last) { Matmul::validate({2, 3, 4, 1, Layout::nt, type, last}); };
  EXPECT_NO_THROW(validate(Type::bf16, {.alpha = 0, .beta = -2, .source = true}));
  EXPECT_THROW(validate(Type::f32, {}), InvalidProblem);
  EXPECT_THROW(validate(Type::f16, {.beta = 1}), InvalidProblem);
  EXPECT_THROW(validate(Type::f16, {.alpha = NAN}), InvalidProblem);
  EXPECT_THROW(validate(Type::f16, {.beta = INFINITY, .source = true}), InvalidProblem);
}

// A source that is multiplied by 0 is there, and is no work.
TEST(MatmulContract, AnEpilogueHasTensorsOfItsOwn) {
  const Problem problem{2, 3, 5, 7, Layout::nt, Type::bf16, {.beta = 1, .source = true, .bias = true}};
  const auto inputs = Matmul::inputs(problem);
  ASSERT_EQ(inputs.size(), 4u);
  EXPECT_EQ(inputs[2].name, "source");
  EXPECT_EQ(inputs[2].count, 7 * 2 * 3);
  EXPECT_EQ(inputs[3].name, "bias");
  EXPECT_EQ(inputs[3].count, 3);
  EXPECT_EQ(inputs[3].type, Type::bf16);
  EXPECT_EQ(Matmul::work(problem).bytes, 2.0 * (7 * (2 * 5 + 3 * 5 + 2 * 3 + 2 * 3) + 3));
  Problem unread = problem;
  unread.epilogue.beta = 0;
  EXPECT_EQ(Matmul::work(unread).bytes, 2.0 * (7 * (2 * 5 + 3 * 5 + 2 * 3) + 3));

  f16 tensors[5];
  void* const pointers[] = {tensors, tensors + 1, tensors + 2, tensors + 3, tensors + 4};
  const Matmul::Buffers all = Matmul::bind(problem, pointers);
  EXPECT_EQ(all.source, tensors + 2);
  EXPECT_EQ(all.bias, tensors + 3);
  EXPECT_EQ(all.c, tensors + 4);
  const Matmul::Buffers plain = Matmul::bind({2, 3, 5}, pointers);
  EXPECT_EQ(plain.c, tensors + 2);
  EXPECT_EQ(plain.bias, nullptr);
  void* const odd[] = {tensors, reinterpret_cast<char*>(tensors) + 1, tensors + 2};
  EXPECT_THROW(Matmul::bind({2, 3, 5}, odd), InvalidProblem);
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

// 1 x 2 by 2 x 2, in f16: (3 * 1 + 4 * 2, 3 * 5 + 4 * 7) = (11, 43).
TEST(MatmulReference, EpiloguesByHand) {
  const auto a = halves({3, 4}), b = halves({1, 2, 5, 7}), source = halves({10, 20}), bias = halves({1, -100});
  const auto value = [&](const Epilogue& last, std::size_t at) {
    const Problem problem{1, 2, 2, 1, Layout::nt, Type::f16, last};
    std::vector<Expected> expected(2);
    const std::int64_t indices[] = {0, 1};
    Matmul::reference(problem, {a.data(), b.data(), nullptr, source.data(), bias.data()}, indices, expected);
    return expected[at].value;
  };
  EXPECT_EQ(value({.alpha = 0.5f}, 0), 5.5);
  EXPECT_EQ(value({.alpha = 0.5f, .beta = -2, .source = true}, 1), 21.5 - 40);
  EXPECT_EQ(value({.alpha = 0, .beta = 1, .source = true}, 1), 20);
  EXPECT_EQ(value({.bias = true}, 1), -57);
  EXPECT_EQ(value({.bias = true, .activation = Activation::relu}, 0), 12);
  EXPECT_EQ(value({.bias = true, .activation = Activation::relu}, 1), 0);
  // 0.5 (1 + tanh(0.79788 (1 + 0.044715))) = 0.841192: PyTorch's gelu(1, approximate="tanh").
  EXPECT_NEAR(value({.alpha = 1.0f / 11, .activation = Activation::gelu}, 0), 0.841192, 1e-6);
  EXPECT_NEAR(value({.alpha = -1.0f / 11, .activation = Activation::gelu}, 0), -0.158808, 1e-6);
}

// 8 bits: 257 is no bf16, and a rounding is up to 1 of 256.
TEST(MatmulReference, Bf16HasItsOwnBoundAndRange) {
  const std::vector<f16> a{f16{to_bf16(257.0f).bits}, f16{to_bf16(0x1p100f).bits}};
  EXPECT_EQ(to_float(bf16{a[0].bits}), 256);
  const std::vector<f16> b{f16{to_bf16(1.0f).bits}, f16{to_bf16(0x1p-90f).bits}};
  const auto expected = all_expected({1, 1, 2, 1, Layout::nt, Type::bf16}, a, b);
  EXPECT_EQ(expected[0].value, 256 + 1024);
  EXPECT_NEAR(expected[0].bound, 1280 * 0x1p-8, 1e-3);
}

}  // namespace
}  // namespace kernelgate

// The contract of conv2d itself: its reference against definitions written another way, and what it refuses.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "kernels/conv2d/conv2d.h"
#include "kernels/conv2d/resnet50_layers.h"
#include "kernels/conv2d/shape.h"
#include "kernels/conv2d/wav2lip_layers.h"
#include "kernels/op/any_op.h"
#include "kernels/op/random.h"

namespace kernelgate {
namespace {

using Problem = Conv2d::Problem;
using conv2d::Shape;
using testing::DoubleNear;
using testing::Each;
using testing::HasSubstr;
using testing::Le;
using testing::Pointwise;
using testing::SizeIs;

std::vector<f16> halves(const std::vector<float>& values) {
  std::vector<f16> converted(values.size());
  to_f16(values.data(), converted.data(), values.size());
  return converted;
}

std::vector<f16> random_integers(std::int64_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<f16> values(static_cast<std::size_t>(count));
  for (f16& value : values) value = to_f16(static_cast<float>(random.below(9)) - 4.0f);
  return values;
}

std::vector<double> reference_values(const Problem& problem, const Conv2d::Buffers& buffers) {
  const auto indices = sample_indices(problem.y_count(), problem.k, problem.y_count(), 1);
  std::vector<Expected> expected(indices.size());
  Conv2d::reference(problem, buffers, indices, expected);
  std::vector<double> values;
  for (const Expected& e : expected) values.push_back(e.value);
  return values;
}

TEST(Conv2dReference, ByHand) {
  // 3x3 image 1..9, filter (1 2; 3 4): 1*1 + 2*2 + 4*3 + 5*4 = 37, and so on.
  const auto x = halves({1, 2, 3, 4, 5, 6, 7, 8, 9}), w = halves({1, 2, 3, 4}), bias = halves({-70});
  const auto residual = halves({1, 1, 1, 2});
  Problem problem = Shape{.image = 3, .filter = 2};
  EXPECT_THAT(reference_values(problem, {x.data(), w.data(), nullptr, nullptr, nullptr}),
              testing::ElementsAre(37, 47, 67, 77));
  problem.bias = problem.residual = true;
  problem.activation = Conv2d::Activation::relu;
  EXPECT_THAT(reference_values(problem, {x.data(), w.data(), bias.data(), residual.data(), nullptr}),
              testing::ElementsAre(0, 0, 0, 9));
}

TEST(Conv2dReference, TwoInputsAreTheirConcatenation) {
  for (const bool transposed : {false, true}) {
    const Problem joined =
        Shape{.n = 2, .image = {3, 4}, .c = 5, .k = 4, .filter = 3, .pad = 1, .transposed = transposed};
    Problem apart = joined;
    apart.skip_c = 2;
    ASSERT_EQ(apart.w_count(), joined.w_count());
    const auto x = random_integers(joined.x_count(), 1), w = random_integers(joined.w_count(), 2);
    std::vector<f16> front, behind;
    for (std::size_t i = 0; i < x.size(); ++i) (i % 5 < 3 ? front : behind).push_back(x[i]);
    ASSERT_EQ(std::ssize(front), apart.x_count());
    ASSERT_EQ(std::ssize(behind), apart.skip_count());
    EXPECT_EQ(reference_values(apart, {front.data(), w.data(), nullptr, nullptr, nullptr, behind.data()}),
              reference_values(joined, {x.data(), w.data(), nullptr, nullptr, nullptr}));
    EXPECT_EQ(Conv2d::work(apart).flop, Conv2d::work(joined).flop);
    EXPECT_EQ(Conv2d::work(apart).bytes, Conv2d::work(joined).bytes);
  }
}

TEST(Conv2dReference, ActivationsByHand) {
  const auto x = halves({-1, 0, 2}), w = halves({1});
  Problem problem = Shape{.image = {1, 3}, .activation = Conv2d::Activation::gelu};
  const Conv2d::Buffers buffers{x.data(), w.data(), nullptr, nullptr, nullptr};
  // x times the normal distribution's share below x: 0.158655254, 1/2, 0.977249868.
  EXPECT_THAT(reference_values(problem, buffers), Pointwise(DoubleNear(1e-8), {-0.158655254, 0.0, 1.954499736}));
  problem.activation = Conv2d::Activation::sigmoid;
  EXPECT_THAT(reference_values(problem, buffers), Pointwise(DoubleNear(1e-8), {0.268941421, 0.5, 0.880797078}));
}

TEST(Conv2dReference, TransposedByHand) {
  // Each of (1 2) spreads the filter (1 10 100) with stride 2: 1 10 100+2 20 200.
  const auto x = halves({1, 2}), w = halves({1, 10, 100});
  const Problem problem =
      Shape{.image = {1, 2}, .filter = {1, 3}, .stride = {1, 2}, .transposed = true, .output_padding = {0, 1}};
  EXPECT_THAT(reference_values(problem, {x.data(), w.data(), nullptr, nullptr, nullptr}),
              testing::ElementsAre(1, 10, 102, 20, 200, 0));
}

/// The definition in the contract, written as it stands: each input times each filter element is added.
std::vector<double> scatter(const Problem& t, const std::vector<f16>& x, const std::vector<f16>& w) {
  std::vector<double> y(static_cast<std::size_t>(t.y_count()));
  const auto at = [](std::int64_t index) { return static_cast<std::size_t>(index); };
  for (std::int64_t n = 0; n < t.n; ++n)
    for (std::int64_t h = 0; h < t.h; ++h)
      for (std::int64_t v = 0; v < t.w; ++v)
        for (std::int64_t c = 0; c < t.c; ++c)
          for (std::int64_t r = 0; r < t.r; ++r)
            for (std::int64_t s = 0; s < t.s; ++s)
              for (std::int64_t k = 0; k < t.k_per_group(); ++k) {
                const std::int64_t p = h * t.stride_h - t.pad_h + r * t.dilation_h;
                const std::int64_t q = v * t.stride_w - t.pad_w + s * t.dilation_w;
                if (p < 0 || p >= t.p() || q < 0 || q >= t.q()) continue;
                const std::int64_t channel = c / t.c_per_group() * t.k_per_group() + k;
                y[at(((n * t.p() + p) * t.q() + q) * t.k + channel)] +=
                    static_cast<double>(to_float(x[at(((n * t.h + h) * t.w + v) * t.c + c)])) *
                    static_cast<double>(to_float(w[at(((c * t.r + r) * t.s + s) * t.k_per_group() + k)]));
              }
  return y;
}

TEST(Conv2dReference, TransposedIsItsScatterDefinition) {
  for (const Problem problem : {Shape{.n = 2,
                               .image = {3, 4},
                               .c = 6,
                               .k = 4,
                               .filter = 3,
                               .stride = 2,
                               .pad = 1,
                               .groups = 2,
                               .transposed = true,
                               .output_padding = 1},
                                Shape{.image = {4, 5},
                                .c = 3,
                                .k = 5,
                                .filter = {2, 4},
                                .stride = {3, 2},
                                .pad = {0, 2},
                                .dilation = {2, 1},
                                .transposed = true,
                                .output_padding = {2, 0}}}) {
    const auto x = random_integers(problem.x_count(), 1), w = random_integers(problem.w_count(), 2);
    EXPECT_EQ(reference_values(problem, {x.data(), w.data(), nullptr, nullptr, nullptr}), scatter(problem, x, w));
  }
}

TEST(Conv2dReference, ForwardIsTheAdjointOfTransposed) {
  // <conv(x), y> = <x, transposed conv(y)> with one and the same filter: the contract's words for its layout.
  const Problem forward =
      Shape{.n = 2, .image = {8, 6}, .c = 4, .k = 6, .filter = 3, .stride = 2, .pad = 1, .groups = 2};
  const Problem back = Shape{.n = 2,
                             .image = {forward.p(), forward.q()},
                             .c = 6,
                             .k = 4,
                             .filter = 3,
                             .stride = 2,
                             .pad = 1,
                             .groups = 2,
                             .transposed = true,
                             .output_padding = 1};
  ASSERT_EQ(back.y_count(), forward.x_count());
  const auto x = random_integers(forward.x_count(), 1), y = random_integers(forward.y_count(), 2);
  const auto w = random_integers(forward.w_count(), 3);
  const auto of_x = reference_values(forward, {x.data(), w.data(), nullptr, nullptr, nullptr});
  const auto of_y = reference_values(back, {y.data(), w.data(), nullptr, nullptr, nullptr});
  double left = 0, right = 0;
  for (std::size_t i = 0; i < y.size(); ++i) left += of_x[i] * static_cast<double>(to_float(y[i]));
  for (std::size_t i = 0; i < x.size(); ++i) right += of_y[i] * static_cast<double>(to_float(x[i]));
  EXPECT_EQ(left, right);
}

TEST(Conv2dReference, BoundIsAFewUnitsInTheLastPlace) {
  const auto x = halves({1.0f}), w = halves({1.0f});
  std::vector<Expected> expected(1);
  Conv2d::reference({}, {x.data(), w.data(), nullptr, nullptr, nullptr}, std::vector<std::int64_t>{0}, expected);
  EXPECT_GT(expected[0].bound, 0x1p-11);        // half a unit at 1
  EXPECT_LT(expected[0].bound, 0x1p-11 * 1.1);  // a whole one is wrong
}

// 4096 products that cancel: what sums in f32 may lose is of their magnitude, 2^-24 for each group of eight.
TEST(Conv2dReference, BoundOfCancelledSumsIsOfTheirMagnitude) {
  constexpr std::int64_t c = 4096;
  std::vector<float> ones(c, 1.0f), signs(c);
  for (std::size_t i = 0; i < signs.size(); ++i) signs[i] = i % 2 == 0 ? 1.0f : -1.0f;
  const auto x = halves(ones), w = halves(signs);
  std::vector<Expected> expected(1);
  Conv2d::reference(Shape{.c = c}, {x.data(), w.data(), nullptr, nullptr, nullptr}, std::vector<std::int64_t>{0},
                    expected);
  EXPECT_EQ(expected[0].value, 0);
  const double of_the_sums = 0x1p-24 * (c / 8 + 16) * c;
  EXPECT_GT(expected[0].bound, of_the_sums);
  EXPECT_LT(expected[0].bound, 1.1 * of_the_sums);
}

TEST(Conv2dContract, Names) {
  EXPECT_EQ(
      Conv2d::problem_name(Shape{.image = 96, .c = 6, .k = 16, .filter = 7, .pad = 3, .bias = true, .relu = true}),
      "f16_bias_relu/n1x96x96x6_k16_7x7_p3");
  EXPECT_EQ(Conv2d::problem_name(Shape{.image = 12,
                                       .c = 64,
                                       .k = 32,
                                       .filter = 3,
                                       .stride = 2,
                                       .pad = 1,
                                       .residual = true,
                                       .transposed = true,
                                       .output_padding = 1}),
            "f16t_res/n1x12x12x64_k32_3x3_s2_p1_op1");
  EXPECT_EQ(Conv2d::problem_name(Shape{.k = 3, .activation = Conv2d::Activation::sigmoid}),
            "f16_sigmoid/n1x1x1x1_k3_1x1");
  EXPECT_EQ(Conv2d::problem_name(Shape{.k = 3, .activation = Conv2d::Activation::gelu}), "f16_gelu/n1x1x1x1_k3_1x1");
  EXPECT_EQ(Conv2d::problem_name(Shape{.image = 9,
                                       .c = 64,
                                       .k = 64,
                                       .filter = {3, 1},
                                       .stride = {3, 1},
                                       .pad = {0, 1},
                                       .dilation = 2,
                                       .groups = 32}),
            "f16/n1x9x9x64_k64_3x1_s3x1_p0x1_d2_g32");
  EXPECT_EQ(Conv2d::problem_name(Shape{.image = 9, .c = 80, .k = 32, .filter = 3, .pad = 1, .skip_c = 16}),
            "f16/n1x9x9x80_k32_3x3_p1_skip16");
}

TEST(Conv2dContract, RefusesWhatNobodyCouldCompute) {
  const auto refusal = [](const Shape& problem) -> std::string {
    try {
      Conv2d::validate(problem);
    } catch (const InvalidProblem& why) {
      return why.what();
    }
    return "";
  };
  EXPECT_EQ(refusal({}), "");
  EXPECT_THAT(refusal({.image = {2, 9}, .filter = {3, 1}}), HasSubstr("larger than the padded input"));
  EXPECT_THAT(refusal({.image = {4, 9}, .filter = {3, 1}, .dilation = {2, 1}}),
              HasSubstr("larger than the padded input"));
  EXPECT_EQ(refusal({.image = {2, 9}, .filter = {3, 1}, .pad = {1, 0}}), "");
  EXPECT_THAT(refusal({.stride = {1, 0}}), HasSubstr("stride"));
  EXPECT_THAT(refusal({.pad = {-1, 0}}), HasSubstr("padding"));
  EXPECT_THAT(refusal({.dilation = {1, 0}}), HasSubstr("dilation"));
  EXPECT_THAT(refusal({.c = 4, .k = 6, .groups = 4}), HasSubstr("groups"));
  EXPECT_THAT(refusal({.groups = 0}), HasSubstr("groups"));
  EXPECT_THAT(refusal({.c = 4, .k = 4, .groups = 2, .skip_c = 2}), HasSubstr("groups"));
  EXPECT_THAT(refusal({.c = 4, .skip_c = 4}), HasSubstr("second input"));
  EXPECT_THAT(refusal({.c = 4, .skip_c = -1}), HasSubstr("second input"));
  EXPECT_EQ(refusal({.c = 4, .skip_c = 3}), "");
  EXPECT_THAT(refusal({.n = -1}), HasSubstr("negative"));
  EXPECT_THAT(refusal({.c = 0}), HasSubstr("at least 1"));
  EXPECT_THAT(refusal({.stride = {2, 1}, .transposed = true, .output_padding = {2, 0}}), HasSubstr("output padding"));
  EXPECT_THAT(refusal({.stride = {2, 1}, .output_padding = {1, 0}}), HasSubstr("output padding"));
  EXPECT_THAT(refusal({.filter = {2, 1}, .pad = {1, 0}, .transposed = true}), HasSubstr("no output"));
  EXPECT_THAT(refusal({.n = 1 << 30, .image = 1 << 30}), HasSubstr("elements"));
}

TEST(Conv2dContract, FillIsAFunctionOfTheSeed) {
  const Problem problem = Shape{.image = 40, .c = 8, .k = 8, .bias = true, .residual = true};
  const auto filled = [&problem](std::uint64_t seed) {
    std::vector<std::vector<f16>> inputs;
    std::vector<void*> pointers;
    for (const auto& tensor : Conv2d::inputs(problem)) inputs.emplace_back(static_cast<std::size_t>(tensor.count));
    for (auto& input : inputs) pointers.push_back(input.data());
    Conv2d::fill(problem, seed, pointers);
    return inputs;
  };
  EXPECT_EQ(filled(5), filled(5));
  EXPECT_NE(filled(5), filled(6));
  double sum = 0, square = 0;
  const auto inputs = filled(5);
  for (const f16 value : inputs[0]) {
    sum += static_cast<double>(to_float(value));
    square += std::pow(static_cast<double>(to_float(value)), 2);
  }
  const auto count = static_cast<double>(inputs[0].size());
  EXPECT_NEAR(sum / count, 0, 0.05);
  EXPECT_NEAR(square / count, 1, 0.05);
}

TEST(Conv2dContract, IndicesAreAffordable) {
  const Problem problem = Shape{.image = 64, .c = 512, .k = 512, .filter = 3, .pad = 1};
  const auto indices = Conv2d::check_indices(problem, 1e9, 1);
  EXPECT_NEAR(static_cast<double>(indices.size()) * 2 * 512 * 9, 1e9, 0.05e9);
  EXPECT_THAT(indices, Each(Le(problem.y_count() - 1)));
  EXPECT_THAT(Conv2d::check_indices(Shape{.image = 3, .c = 2, .k = 5}, 1e9, 1), SizeIs(45));
}

struct Total {
  int layers = 0;
  double flop = 0;
};

Total total(std::span<const conv2d::Layer> layers) {
  Total sum;
  for (const auto& layer : layers) {
    sum.layers += layer.times;
    sum.flop += layer.times * Conv2d::work(layer.problem(1)).flop;
  }
  return sum;
}

TEST(Conv2dWorkloads, NetworksAreWhole) {
  // Wav2Lip's generator has 51 convolutions, ResNet-50 53 and, as published, 4.1 billion multiplications.
  const Total wav2lip = total(conv2d::wav2lip_layers), resnet50 = total(conv2d::resnet50_layers);
  EXPECT_EQ(wav2lip.layers, 51);
  EXPECT_NEAR(wav2lip.flop, 7.93e9, 0.01e9);
  EXPECT_EQ(resnet50.layers, 53);
  EXPECT_NEAR(resnet50.flop, 8.2e9, 0.05e9);
}

TEST(Conv2dWorkloads, SuitesHoldWhatTheyShould) {
  std::map<std::string, int> count;
  double smoke_flop = 0;
  bool few_channels = false, residual = false, transposed = false, pointwise = false, strided = false;
  for (const auto& problem : all_problems()) {
    if (problem->op() != "conv2d") continue;
    for (const auto& suite : problem->suites()) {
      ++count[suite];
      if (suite != "smoke") continue;
      smoke_flop += problem->work().flop;
      few_channels |= problem->name().find("x6_k16") != std::string::npos;
      residual |= problem->name().find("_res_") != std::string::npos;
      transposed |= problem->name().starts_with("f16t");
      pointwise |= problem->name().find("_1x1") != std::string::npos;
      strided |= problem->name().find("_s2") != std::string::npos;
    }
  }
  EXPECT_EQ(count["smoke"], 5);
  EXPECT_GT(count["default"], count["smoke"]);
  EXPECT_GT(count["full"], count["default"]);
  EXPECT_LT(smoke_flop, 1e9);
  EXPECT_TRUE(few_channels && residual && transposed && pointwise && strided);
}

}  // namespace
}  // namespace kernelgate

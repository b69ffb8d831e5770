#include "harness/history/analysis/steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/history/analysis/noise_for_test.h"

namespace kernelgate::history {
namespace {

using for_test::NoiseKind;
using for_test::NoiseMaker;

std::vector<std::size_t> places(const StepFit& fit) {
  std::vector<std::size_t> at;
  for (const Step& step : fit.steps) at.push_back(step.at);
  return at;
}

/// Noise with levels on top: from which night, how much.
std::vector<double> with_levels(std::vector<double> y, const std::vector<std::pair<std::size_t, double>>& changes) {
  for (const auto& [from, change] : changes)
    for (std::size_t t = from; t < y.size(); ++t) y[t] += change;
  return y;
}

class Steps : public ::testing::Test {
 protected:
  NullDistribution null_;
  NoiseMaker noise_{4};
  std::vector<double> quiet(std::size_t n) { return noise_.nights(NoiseKind::gauss, n, 0.001); }
};

TEST_F(Steps, AStepIsFoundWithItsNightAndSize) {
  const StepFit fit = fit_steps(with_levels(quiet(100), {{70, 0.05}}), 0.01, 0.005, null_);
  EXPECT_THAT(places(fit), ::testing::ElementsAre(70U));
  EXPECT_NEAR(fit.steps[0].change, 0.05, 0.001);
  EXPECT_LT(fit.steps[0].p, 1e-6);
  ASSERT_EQ(fit.levels.size(), 2U);
  EXPECT_NEAR(fit.levels[1], 0.05, 0.001);
}

TEST_F(Steps, SeveralStepsAreFoundAndAnExcursionComesBack) {
  EXPECT_THAT(places(fit_steps(with_levels(quiet(120), {{30, 0.05}, {80, -0.03}}), 0.01, 0.005, null_)),
              ::testing::ElementsAre(30U, 80U));
  EXPECT_THAT(places(fit_steps(with_levels(quiet(120), {{50, 0.05}, {57, -0.05}}), 0.01, 0.005, null_)),
              ::testing::ElementsAre(50U, 57U));
}

TEST_F(Steps, AStepBelowTheThresholdIsTakenBack) {
  const std::vector<double> y = with_levels(quiet(100), {{50, 0.004}});
  EXPECT_THAT(places(fit_steps(y, 0.01, 0.003, null_)), ::testing::ElementsAre(50U));
  const StepFit none = fit_steps(y, 0.01, 0.005, null_);
  EXPECT_TRUE(none.steps.empty());
  EXPECT_EQ(none.levels.size(), 1U);
}

TEST_F(Steps, OneWildNightIsNoStep) {
  std::vector<double> y = quiet(60);
  y[20] += 3;
  y[58] += 3;
  EXPECT_TRUE(fit_steps(y, 0.01, 0.005, null_).steps.empty());
}

TEST_F(Steps, FewOrEqualNightsHaveNone) {
  EXPECT_TRUE(fit_steps({}, 0.01, 0.005, null_).levels.empty());
  EXPECT_TRUE(fit_steps(std::vector<double>{0, 1, 2}, 0.01, 0.005, null_).steps.empty());
  EXPECT_TRUE(fit_steps(std::vector<double>(50, 1.0), 0.01, 0.005, null_).steps.empty());
  EXPECT_TRUE(fit_steps(with_levels(quiet(100), {{50, 0.1}}), 0, 0.005, null_).steps.empty()) << "alpha 0";
}

TEST_F(Steps, AStepTakenBackJoinsItsPieces) {
  std::vector<double> y(30, 0.0);
  for (std::size_t t = 10; t < 30; ++t) y[t] = t < 20 ? 1 : 0.25;
  StepFit fit;
  fit.steps = {{10, 1, 0}, {20, -0.75, 0}};
  fit.levels = {0, 1, 0.25};
  take_back(fit, 0, y);
  EXPECT_THAT(places(fit), ::testing::ElementsAre(20U));
  EXPECT_THAT(fit.levels, ::testing::ElementsAre(0.5, 0.25));
  EXPECT_EQ(fit.steps[0].change, -0.25);
  take_back(fit, 0, y);
  EXPECT_TRUE(fit.steps.empty());
  EXPECT_THAT(fit.levels, ::testing::ElementsAre(0.25)) << "the median of all";
}

TEST_F(Steps, ThePlaceIsWhereTheValuesSayAndNotWhereRanksDo) {
  // Coarse values tie; the first of the places that do equally well is taken.
  std::vector<double> y(60, 0.0);
  for (std::size_t t = 0; t < y.size(); ++t) y[t] = (t % 2 == 0 ? 0.01 : 0) + (t >= 33 ? 0.5 : 0);
  EXPECT_THAT(places(fit_steps(y, 0.01, 0.005, null_)), ::testing::ElementsAre(33U));
}

TEST_F(Steps, LevelsAreSpreadOverTheNights) {
  StepFit fit;
  fit.steps = {{2, 1, 0}};
  fit.levels = {3, 4};
  EXPECT_THAT(levels_by_night(fit, 4), ::testing::ElementsAre(3, 3, 4, 4));
}

}  // namespace
}  // namespace kernelgate::history

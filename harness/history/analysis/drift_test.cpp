#include "harness/history/analysis/drift.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "harness/history/analysis/noise_for_test.h"
#include "harness/history/analysis/segment_fit.h"

namespace kernelgate::history {
namespace {

using for_test::NoiseKind;
using for_test::NoiseMaker;

std::vector<double> with_drift(std::vector<double> y, double per_night) {
  for (std::size_t t = 0; t < y.size(); ++t) y[t] += per_night * static_cast<double>(t);
  return y;
}

TEST(Drift, ItsSlopeAndSumAreFound) {
  const std::vector<double> y = with_drift(NoiseMaker(1).nights(NoiseKind::gauss, 100, 0.002), 0.0005);
  const Drift drift = find_drift(y, {});
  EXPECT_LT(drift.p, 1e-6);
  EXPECT_NEAR(drift.per_night, 0.0005, 0.0001);
  EXPECT_NEAR(drift_at(drift, 99), drift.change, 1e-12);
  EXPECT_EQ(drift_at(drift, anchor_nights - 1), 0) << "the anchor does not move";
  EXPECT_LT(find_drift(with_drift(NoiseMaker(1).nights(NoiseKind::gauss, 100, 0.002), -0.0005), {}).change, -0.03);
}

TEST(Drift, FewNightsSayNothing) {
  const std::vector<double> y = with_drift(std::vector<double>(fewest_drift_nights - 1), 0.1);
  EXPECT_EQ(find_drift(y, {}).p, 1);
}

TEST(Drift, AStepIsNoDriftOnceItIsExplained) {
  std::vector<double> y = NoiseMaker(2).nights(NoiseKind::gauss, 100, 0.002), levels(100, 0.0);
  for (std::size_t t = 50; t < 100; ++t) {
    y[t] += 0.03;
    levels[t] = 0.03;
  }
  EXPECT_GT(find_drift(y, {}).change, 0.02);
  EXPECT_LT(std::fabs(find_drift(y, levels).change), 0.002);
  EXPECT_GT(find_drift(y, levels).p, 0.01);
}

class SegmentFits : public ::testing::Test {
 protected:
  NullDistribution null_;
  SegmentFit fit(const std::vector<double>& y) {
    return fit_segment(y, clearest_step(y, null_), find_drift(y, {}), 5e-5, 0.005, null_);
  }
};

TEST_F(SegmentFits, ALineIsADriftAndNotAStair) {
  const SegmentFit found = fit(with_drift(NoiseMaker(3).nights(NoiseKind::gauss, 120, 0.003), 0.0005));
  EXPECT_TRUE(found.drift);
  EXPECT_TRUE(found.steps.steps.empty());
}

TEST_F(SegmentFits, AStepIsAStepAndNotALine) {
  std::vector<double> y = NoiseMaker(3).nights(NoiseKind::gauss, 120, 0.003);
  for (std::size_t t = 70; t < y.size(); ++t) y[t] += 0.03;
  const SegmentFit found = fit(y);
  EXPECT_FALSE(found.drift);
  ASSERT_EQ(found.steps.steps.size(), 1U);
  EXPECT_EQ(found.steps.steps[0].at, 70U);
}

TEST_F(SegmentFits, BothAreFoundTogether) {
  std::vector<double> y = with_drift(NoiseMaker(5).nights(NoiseKind::gauss, 150, 0.002), 0.0005);
  for (std::size_t t = 80; t < y.size(); ++t) y[t] -= 0.08;
  const SegmentFit found = fit(y);
  ASSERT_TRUE(found.drift);
  EXPECT_NEAR(found.drift->per_night, 0.0005, 0.0001);
  ASSERT_EQ(found.steps.steps.size(), 1U);
  EXPECT_NEAR(static_cast<double>(found.steps.steps[0].at), 80, 1);
}

TEST_F(SegmentFits, ADriftThatStepsUndoIsNone) {
  // Three times up slowly and back at once: nothing is left of it, and a line through it is nobody's.
  std::vector<double> y = NoiseMaker(6).nights(NoiseKind::gauss, 180, 0.002);
  for (std::size_t t = 0; t < y.size(); ++t) y[t] += 0.002 * static_cast<double>(t % 60);
  EXPECT_FALSE(fit(y).drift);
}

TEST(TakeBackUnseen, AStepThatTheNightsBesideItDontShowIsTakenBack) {
  std::vector<double> y;
  for (std::size_t t = 0; t < 90; ++t) y.push_back((t % 2 == 0 ? 0.001 : 0) + (t >= 60 ? 0.1 : 0));
  StepFit fit;
  fit.steps = {{30, 0.05, 0}, {60, 0.05, 0}};
  fit.levels = {0, 0.05, 0.1};
  take_back_unseen(fit, y, y, 10);
  ASSERT_EQ(fit.steps.size(), 1U);
  EXPECT_EQ(fit.steps[0].at, 60U);
  EXPECT_NEAR(fit.steps[0].change, 0.1, 0.002);
  fit.steps[0].change = -0.1;
  take_back_unseen(fit, y, y, 10);
  EXPECT_TRUE(fit.steps.empty()) << "the other way";
}

}  // namespace
}  // namespace kernelgate::history

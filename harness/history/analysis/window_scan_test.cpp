#include "harness/history/analysis/window_scan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "harness/history/analysis/noise.h"

namespace kernelgate::history {
namespace {

std::vector<double> scores_of_levels(const std::vector<std::pair<int, double>>& pieces) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  std::vector<double> y;
  for (const auto& [nights, level] : pieces)
    for (int t = 0; t < nights; ++t) y.push_back(level + normal(random));
  return normal_scores(y);
}

TEST(WindowScan, FindsWhereAStepIs) {
  const Scan found = scan_windows(scores_of_levels({{60, 0}, {30, 5}}));
  EXPECT_NEAR(static_cast<double>(found.step.last), 60, 5) << "ranks tell that, and values where";
  EXPECT_LT(found.step.z, -7) << "the nights before the step are lower";
}

TEST(WindowScan, FindsWhereAnExcursionIs) {
  const Scan found = scan_windows(scores_of_levels({{40, 0}, {13, 5}, {37, 0}}));
  EXPECT_GT(found.excursion.z, std::fabs(found.step.z));
  EXPECT_NEAR(static_cast<double>(found.excursion.first), 40, 4) << "13 is none of the lengths that are scanned";
  EXPECT_NEAR(static_cast<double>(found.excursion.last), 53, 11) << "the next length of the scan";
}

TEST(WindowScan, AShortStretchHasNoWindow) {
  EXPECT_EQ(scan_windows(std::vector<double>(2 * shortest_level - 1, 1.0)).step.z, 0);
  EXPECT_EQ(scan_windows({}).step.last, 0U);
}

TEST(WindowScan, TheNullIsUniformWhateverTheNoise) {
  // Cauchy's noise has no variance; its ranks have no less of one than others'.
  std::mt19937_64 random(2);
  std::cauchy_distribution<double> cauchy;
  NullDistribution null;
  constexpr int trials = 4000;
  int steps = 0, excursions = 0;
  for (int i = 0; i < trials; ++i) {
    std::vector<double> y(50);
    for (double& value : y) value = cauchy(random);
    const Scan found = scan_windows(normal_scores(y));
    steps += null.step_p(found.step.z, y.size()) <= 0.05 ? 1 : 0;
    excursions += null.excursion_p(found.excursion.z, y.size()) <= 0.05 ? 1 : 0;
  }
  // 200 are expected where 50 is a length that is shuffled, a few less beside; 4 standard deviations are 55.
  for (int hits : {steps, excursions}) {
    EXPECT_GT(hits, 110);
    EXPECT_LT(hits, 255);
  }
}

TEST(WindowScan, TheTailGoesOnBelowWhatWasShuffled) {
  NullDistribution null;
  const double clear = null.step_p(6, 200), clearer = null.step_p(7, 200);
  EXPECT_LT(clear, 1e-5);
  EXPECT_LT(clearer, clear / 10);
  EXPECT_GT(clearer, 0);
  EXPECT_EQ(null.step_p(7, 5), 1) << "too few nights to say anything";
  EXPECT_EQ(null.step_p(-6, 200), clear) << "both directions";
}

}  // namespace
}  // namespace kernelgate::history

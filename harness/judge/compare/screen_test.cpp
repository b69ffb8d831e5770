#include "harness/judge/compare/screen.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace kernelgate {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(Screen, NumbersAreThoseOfAnIndependentCalculation) {
  // One case: its own variance is the suite's typical one but for Wilson and Hilferty's factor. scipy:
  //   y = [.01, .03, .00, .02, .04]; tonight = .10; v = var(y, ddof=1); typ = v / (1 - 2 / 36) ** 3
  //   s = sqrt((6 * typ + 4 * v) / 10); t = (.10 - mean(y)) / (s * sqrt(1 + 1 / 5)); p = t.sf(t, 10)
  const ScreenReport report = screen(std::vector<ScreenInput>{{{0.01, 0.03, 0.00, 0.02, 0.04}, 0.10}});
  ASSERT_EQ(report.cases.size(), 1u);
  const Screened& one = report.cases[0];
  EXPECT_FALSE(report.relative) << "of one case there is no common mode";
  EXPECT_NEAR(one.effect, 0.08, 1e-12);
  EXPECT_NEAR(one.beyond, 0.08, 1e-12);
  EXPECT_DOUBLE_EQ(one.df, 10);
  EXPECT_NEAR(one.se, 0.018266632297318702, 1e-9);
  EXPECT_NEAR(one.p_slower, 0.0006891625468121883, 1e-9);
  EXPECT_NEAR(one.p_faster, 1 - 0.0006891625468121883, 1e-9);
  EXPECT_TRUE(one.slower);
  EXPECT_FALSE(one.faster);
}

/// A suite whose nights move as one by `together`, and each case by itself by `own`, by a fixed pattern.
std::vector<ScreenInput> suite(std::size_t cases, std::size_t nights, double together, double own) {
  std::vector<ScreenInput> all(cases);
  for (std::size_t k = 0; k < cases; ++k) {
    for (std::size_t n = 0; n < nights; ++n)
      all[k].nights.push_back(-7 + together * std::sin(1.7 * static_cast<double>(n)) +
                              own * std::sin(2.3 * static_cast<double>(n) + 1.1 * static_cast<double>(k)));
    all[k].tonight = -7;
  }
  return all;
}

TEST(Screen, WhatAllCasesDoIsTheNightsAndNotACases) {
  std::vector<ScreenInput> cases = suite(40, 14, 0.001, 0.002);
  for (ScreenInput& one : cases) one.tonight += 0.03;
  cases[7].tonight += 0.02;
  const ScreenReport report = screen(cases);
  EXPECT_TRUE(report.relative);
  EXPECT_EQ(report.shifted, 1);
  EXPECT_NEAR(report.common, 0.03, 0.001);
  EXPECT_TRUE(report.cases[7].slower);
  EXPECT_NEAR(report.cases[7].effect, 0.05, 0.002);
  EXPECT_NEAR(report.cases[7].beyond, 0.02, 0.002);
  int flagged = 0;
  for (const Screened& one : report.cases) flagged += one.slower || one.faster;
  EXPECT_EQ(flagged, 1);
  for (ScreenInput& one : cases) one.tonight -= 0.06;
  EXPECT_EQ(screen(cases).shifted, -1);
}

TEST(Screen, ANightThatMovesAsOthersDidIsNoShift) {
  std::vector<ScreenInput> cases = suite(40, 14, 0.02, 0.002);
  for (ScreenInput& one : cases) one.tonight += 0.02;
  EXPECT_EQ(screen(cases).shifted, 0);
}

TEST(Screen, FewCasesKeepTheirCommonMode) {
  // With three cases, taking off what two of them did would hide them.
  std::vector<ScreenInput> cases = suite(3, 14, 0.001, 0.002);
  cases[0].tonight += 0.03;
  cases[1].tonight += 0.03;
  const ScreenReport report = screen(cases);
  EXPECT_FALSE(report.relative);
  EXPECT_TRUE(report.cases[0].slower);
  EXPECT_TRUE(report.cases[1].slower);
  EXPECT_FALSE(report.cases[2].slower);
}

TEST(Screen, ASteadyCaseBorrowsTheSuitesNoise) {
  // Its own nights agree to the last digit, the other cases' do not: it is not believed to be that steady.
  std::vector<ScreenInput> cases = suite(30, 14, 0, 0.005);
  cases[0].nights.assign(14, -7);
  cases[0].tonight = -7 + 0.001;
  EXPECT_FALSE(screen(cases).cases[0].slower);
  EXPECT_GT(screen(cases).cases[0].se, 0.0005);
}

TEST(Screen, MissingNightsCountLess) {
  std::vector<ScreenInput> cases = suite(30, 14, 0, 0.005);
  for (std::size_t n = 0; n < 12; ++n) cases[0].nights[n] = nan;
  for (std::size_t n = 0; n < 13; ++n) cases[1].nights[n] = nan;
  const ScreenReport report = screen(cases);
  EXPECT_DOUBLE_EQ(report.cases[0].df, suite_prior_df + 1);
  EXPECT_GT(report.cases[0].se, report.cases[2].se);
  EXPECT_EQ(report.cases[1].df, 0) << "of one night nothing is known";
  EXPECT_FALSE(report.cases[1].slower || report.cases[1].faster);
}

TEST(Screen, RefusesWhatItCantJudge) {
  EXPECT_TRUE(screen({}).cases.empty());
  EXPECT_THROW(screen(std::vector<ScreenInput>{{{1, 2}, 1}, {{1}, 1}}), std::invalid_argument);
  EXPECT_THROW(screen(std::vector<ScreenInput>{{{1, std::numeric_limits<double>::infinity()}, 1}}),
               std::invalid_argument);
  EXPECT_THROW(screen(std::vector<ScreenInput>{{{1, 2}, nan}}), std::invalid_argument);
}

}  // namespace
}  // namespace kernelgate

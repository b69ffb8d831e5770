#include "harness/baseline/baseline_noise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include <fmt/format.h>

namespace kernelgate {
namespace {

using ::testing::HasSubstr;

/// `count` cases, `nights` nights of `runs` runs, with these spreads.
Baseline simulated(int count, int nights, int runs, double run_sd, double night_sd) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  Baseline baseline;
  baseline.device_kind = "cuda";
  for (int k = 0; k < count; ++k) {
    BaselineCase one;
    for (int night = 0; night < nights; ++night) {
      const double at = night_sd * normal(random);
      for (int run = 0; run < runs; ++run) {
        const double level = 1e-3 * std::exp(at + run_sd * normal(random));
        RunSummary summary{level, 0.999 * level, 1.001 * level, 100};
        summary.night = fmt::format("2026-02-{:02}", night + 1);
        summary.boot = "b";
        one.measured.runs.push_back(summary);
      }
    }
    baseline.cases.push_back(std::move(one));
  }
  return baseline;
}

TEST(BaselineNoise, GradesTheNamedLevels) {
  EXPECT_EQ(noise_of(simulated(1, 20, 3, 0.002, 0.002))[0].grade, NoiseGrade::quiet);
  EXPECT_EQ(noise_of(simulated(1, 20, 3, 0.005, 0.005))[0].grade, NoiseGrade::typical);
  EXPECT_EQ(noise_of(simulated(1, 20, 3, 0.010, 0.015))[0].grade, NoiseGrade::noisy);
  EXPECT_EQ(noise_of(simulated(1, 1, 1, 0.005, 0.005))[0].grade, NoiseGrade::unknown);
}

TEST(BaselineNoise, LessIsFoundWhereNightsDifferMore) {
  const double quiet = noise_of(simulated(20, 14, 3, 0.002, 0.002))[0].detectable;
  const double typical = noise_of(simulated(20, 14, 3, 0.005, 0.005))[0].detectable;
  const double noisy = noise_of(simulated(20, 14, 3, 0.010, 0.015))[0].detectable;
  // By simulation of the two stages (docs/verdicts.md) 1 % is found in 94 % of quiet nights, 2 % in 93 % of typical.
  EXPECT_GT(quiet, 0.007);
  EXPECT_LT(quiet, 0.011);
  EXPECT_GT(typical, 1.4 * quiet);
  EXPECT_LT(typical, 0.025);
  EXPECT_GT(noisy, 1.5 * typical);
}

TEST(BaselineNoise, WithoutNightsWhatIsDeclaredStandsAndIsSaid) {
  const CaseNoise one_night = noise_of(simulated(3, 1, 5, 0.002, 0.002))[0];
  EXPECT_TRUE(one_night.declared);
  EXPECT_FALSE(one_night.lag1.has_value());
  EXPECT_FALSE(noise_of(simulated(3, 2, 5, 0.002, 0.002))[0].declared);
  EXPECT_GT(one_night.detectable, noise_of(simulated(3, 14, 5, 0.002, 0.002))[0].detectable);
}

TEST(BaselineNoise, CarriedKnowledgeServesANewSegment) {
  Baseline fresh = simulated(3, 1, 3, 0.002, 0.002);
  for (BaselineCase& one : fresh.cases)
    one.carried = variance_components(simulated(1, 14, 3, 0.002, 0.002).cases[0].measured.runs);
  const CaseNoise noise = noise_of(fresh)[0];
  EXPECT_FALSE(noise.declared);
  EXPECT_EQ(noise.spread.night.df, 13);
  EXPECT_EQ(noise.grade, NoiseGrade::quiet);
}

TEST(BaselineNoise, WarnsWhereNightsDifferFarMoreThanRuns) {
  EXPECT_THAT(noise_of(simulated(1, 14, 3, 0.001, 0.01))[0].warning, HasSubstr("night to night"));
  EXPECT_EQ(noise_of(simulated(1, 14, 3, 0.005, 0.005))[0].warning, "");
  EXPECT_EQ(noise_of(simulated(1, 2, 3, 0.001, 0.01))[0].warning, "") << "of two nights nothing is said";
}

TEST(BaselineNoise, DriftIsSeenAgainstTheAnchor) {
  BaselineCase one = simulated(1, 5, 3, 0, 0).cases[0];
  one.anchor = one.measured.runs;
  EXPECT_EQ(since_anchor(one), 0);
  for (RunSummary& run : one.measured.runs) run.median_s *= 1.03;
  EXPECT_NEAR(since_anchor(one), std::log(1.03), 1e-12);
}

TEST(BaselineNoise, Lag1ByHand) {
  // Mean 0; products 2*1 + 1*0 + 0*-1 + -1*-2 = 4; squares 10.
  EXPECT_NEAR(*lag1_autocorrelation({2, 1, 0, -1, -2}), 0.4, 1e-12);
  EXPECT_NEAR(*lag1_autocorrelation({3, 1, 3, 1, 3, 1}), -5.0 / 6, 1e-12);
  EXPECT_FALSE(lag1_autocorrelation({1, 2, 3, 4}).has_value());
  EXPECT_FALSE(lag1_autocorrelation({1, 1, 1, 1, 1}).has_value());
}

}  // namespace
}  // namespace kernelgate

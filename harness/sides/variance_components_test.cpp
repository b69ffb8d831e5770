#include "harness/sides/variance_components.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>
#include <vector>

namespace kernelgate {
namespace {

RunSummary run_at(double level, const std::string& night, const std::string& boot, double quartile_share = 0.001) {
  RunSummary run{level, level * (1 - quartile_share), level * (1 + quartile_share), 100};
  run.night = night;
  run.boot = boot;
  return run;
}

TEST(VarianceComponents, AgreeWithAnIndependentCalculationOfAnUnbalancedDesign) {
  const std::vector<RunSummary> runs{run_at(1.000, "1", "a"), run_at(1.004, "1", "a"), run_at(0.998, "1", "a"),
                                     run_at(1.010, "2", "a"), run_at(1.013, "2", "a"), run_at(1.030, "3", "b"),
                                     run_at(1.027, "3", "b"), run_at(1.022, "4", "b"), run_at(1.018, "4", "b"),
                                     run_at(1.025, "4", "b"), run_at(1.035, "5", "b"), run_at(0.990, "6", "c"),
                                     run_at(0.994, "6", "c")};
  const VarianceComponents found = variance_components(runs);
  // By projection matrices: y'My = tr(M V1) v1 + tr(M V2) v2 + tr(M V3) v3, solved; written in Python by itself.
  EXPECT_NEAR(found.run.sd, 0.002904413123922824, 1e-10);
  EXPECT_NEAR(found.night.sd, 0.006492239225838842, 1e-10);
  EXPECT_NEAR(found.boot.sd, 0.01573971388598604, 1e-10);
  EXPECT_EQ(found.run.df, 7);
  EXPECT_EQ(found.night.df, 3);
  EXPECT_EQ(found.boot.df, 2);
  EXPECT_EQ(found.runs, 13);
  EXPECT_EQ(found.nights, 6);
  EXPECT_EQ(found.boots, 3);
}

TEST(VarianceComponents, OneNightIsTheSampleVarianceWithItsCorrection) {
  // Of the logarithms 0, 0.01, 0.02: the variance with n - 1 is 1e-4 exactly; with n it would be 0.67e-4.
  const std::vector<RunSummary> runs{run_at(1, "", ""), run_at(std::exp(0.01), "", ""), run_at(std::exp(0.02), "", "")};
  const VarianceComponents found = variance_components(runs);
  EXPECT_NEAR(found.run.sd, 0.01, 1e-12);
  EXPECT_EQ(found.run.df, 2);
  EXPECT_EQ(found.night.df, 0);
  EXPECT_EQ(found.boot.df, 0);
  EXPECT_EQ(found.nights, 1);
  EXPECT_EQ(found.boots, 0) << "of which it is not known";
}

TEST(VarianceComponents, BalancedNightsByHand) {
  // Two nights of two runs: means 0 and 0.04, runs +-0.01 about them. MS_run = 2e-4, MS_night = 4 * 0.02^2 = 1.6e-3;
  // v_night = (1.6e-3 - 2e-4) / 2 = 7e-4.
  std::vector<RunSummary> runs;
  for (double night : {0.0, 0.04})
    for (double run : {-0.01, 0.01}) runs.push_back(run_at(std::exp(night + run), night > 0 ? "2" : "1", "a"));
  const VarianceComponents found = variance_components(runs);
  EXPECT_NEAR(found.run.sd * found.run.sd, 2e-4, 1e-12);
  EXPECT_NEAR(found.night.sd * found.night.sd, 7e-4, 1e-12);
  EXPECT_EQ(found.night.df, 1);
}

TEST(VarianceComponents, BelowZeroIsZeroAndKeepsItsDegrees) {
  std::vector<RunSummary> runs;
  for (const char* night : {"1", "2", "3"})
    for (double run : {-0.01, 0.01}) runs.push_back(run_at(std::exp(run), night, "a"));
  const VarianceComponents found = variance_components(runs);
  EXPECT_EQ(found.night.sd, 0);
  EXPECT_EQ(found.night.df, 2);
  EXPECT_NEAR(found.run.sd, 0.01 * std::sqrt(2.0), 1e-12);
}

TEST(VarianceComponents, TheOrderAndTheUnitOfTimeDontMatter) {
  std::vector<RunSummary> runs{run_at(1.00, "1", "a"), run_at(1.02, "1", "a"), run_at(1.05, "2", "a"),
                               run_at(1.01, "3", "b"), run_at(1.04, "3", "b"), run_at(1.03, "4", "b")};
  const VarianceComponents one = variance_components(runs);
  std::swap(runs[0], runs[4]);
  for (RunSummary& run : runs)
    for (double RunSummary::*field : {&RunSummary::median_s, &RunSummary::q1_s, &RunSummary::q3_s}) run.*field *= 1e-6;
  const VarianceComponents other = variance_components(runs);
  EXPECT_NEAR(one.run.sd, other.run.sd, 1e-12);
  EXPECT_NEAR(one.night.sd, other.night.sd, 1e-12);
  EXPECT_NEAR(one.boot.sd, other.boot.sd, 1e-12);
}

TEST(VarianceComponents, ANightIsOneAcrossARestart) {
  const std::vector<RunSummary> runs{run_at(1, "1", "a"), run_at(1.01, "1", "b")};
  const VarianceComponents found = variance_components(runs);
  EXPECT_EQ(found.nights, 1);
  EXPECT_EQ(found.boots, 2);
  EXPECT_EQ(found.night.df, 0) << "each boot has but one";
  EXPECT_EQ(found.boot.df, 1);
}

TEST(VarianceComponents, RefuseWhatIsNoTime) {
  EXPECT_EQ(variance_components({}).runs, 0);
  std::vector<RunSummary> runs{run_at(1, "", "")};
  runs[0].q1_s = 2;
  EXPECT_THROW(variance_components(runs), std::invalid_argument);
  runs[0] = run_at(0, "", "");
  EXPECT_THROW(variance_components(runs), std::invalid_argument);
}

TEST(VarianceComponents, PooledByTheirDegrees) {
  const Component both = pooled(Component{0.01, 3}, Component{0.02, 1});
  EXPECT_NEAR(both.sd * both.sd, (3 * 1e-4 + 1 * 4e-4) / 4, 1e-15);
  EXPECT_EQ(both.df, 4);
  EXPECT_EQ(pooled(Component{}, Component{}).sd, 0);
  EXPECT_EQ(pooled(Component{0.01, 3}, Component{}).sd, 0.01) << "what is not known weighs nothing";
}

/// Designs that differ in their numbers of runs and nights, drawn from known variances: the mean of the estimates is
/// the truth, by their own scatter.
TEST(VarianceComponents, AreRightOnAverageInUnbalancedDesigns) {
  constexpr int repeats = 4000;
  constexpr double v_run = 4e-5, v_night = 9e-4, v_boot = 1.6e-2, sample_sd = 0.02;
  std::mt19937_64 random(20260203);
  std::normal_distribution<double> normal;
  const std::vector<std::vector<int>> design{{3, 1, 2}, {4, 2}, {1, 1, 1, 5}, {3}};  // runs by night, by boot
  struct Mean {
    double sum = 0, squares = 0;
    void add(double x) { sum += x, squares += x * x; }
    double value() const { return sum / repeats; }
    double error() const { return std::sqrt((squares / repeats - value() * value()) / repeats); }
  } run_mean, night_mean, boot_mean, iteration_mean;
  // Taken as 0 where below it, estimates are too large on average: the truths are chosen so that this is rare.
  int night_clipped = 0, boot_clipped = 0;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    std::vector<RunSummary> runs;
    int night_number = 0;
    for (std::size_t boot = 0; boot < design.size(); ++boot) {
      const double at_boot = std::sqrt(v_boot) * normal(random);
      for (int count : design[boot]) {
        const double at_night = at_boot + std::sqrt(v_night) * normal(random);
        ++night_number;
        for (int i = 0; i < count; ++i) {
          const double level = std::exp(at_night + std::sqrt(v_run) * normal(random));
          runs.push_back(
              run_at(level, std::to_string(night_number), std::to_string(boot), std::tanh(0.6744898 * sample_sd)));
        }
      }
    }
    const VarianceComponents found = variance_components(runs);
    run_mean.add(found.run.sd * found.run.sd);
    night_mean.add(found.night.sd * found.night.sd);
    boot_mean.add(found.boot.sd * found.boot.sd);
    iteration_mean.add(found.iteration.sd * found.iteration.sd);
    night_clipped += found.night.sd == 0;
    boot_clipped += found.boot.sd == 0;
  }
  EXPECT_NEAR(run_mean.value(), v_run, 4 * run_mean.error());
  EXPECT_NEAR(iteration_mean.value(), sample_sd * sample_sd, 0.02 * sample_sd * sample_sd);
  EXPECT_LT(night_clipped, repeats / 100);
  EXPECT_NEAR(night_mean.value(), v_night, 4 * night_mean.error());
  EXPECT_LT(boot_clipped, repeats / 50);
  EXPECT_NEAR(boot_mean.value(), v_boot, 4 * boot_mean.error());
}

}  // namespace
}  // namespace kernelgate

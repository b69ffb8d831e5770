#include "harness/baseline/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "harness/baseline/baseline_folder_for_test.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Log-normal runs with this spread between them.
Result noisy(int cases, int runs, double run_sd, const std::string& device_kind = "cuda") {
  std::mt19937_64 random(11);
  std::normal_distribution<double> normal;
  std::vector<CaseResult> made;
  for (int k = 0; k < cases; ++k) {
    std::vector<std::vector<double>> samples(static_cast<std::size_t>(runs));
    for (auto& run : samples) {
      const double level = 1e-3 * std::exp(run_sd * normal(random));
      for (double at : {0.9998, 0.9999, 1.0, 1.0001, 1.0002}) run.push_back(level * at);
    }
    made.push_back(for_test::made_case(fmt::format("k{}", k), std::move(samples)));
  }
  Result result = for_test::made_result(std::move(made));
  result.device_kind = device_kind;
  return result;
}

class CalibrationFile : public BaselineFolder {};

TEST(Calibration, FindsTheSpreadOfRuns) {
  const Calibration found = calibrate(noisy(20, 40, 0.004));
  EXPECT_EQ(found.runs, 40);
  ASSERT_EQ(found.cases.size(), 20u);
  // One of 39 degrees of freedom is right to 11 %, their median of 20 to 3 %.
  EXPECT_NEAR(found.run_sd, 0.004, 0.0005);
  for (const CalibratedCase& one : found.cases) {
    EXPECT_EQ(one.df, 39) << "and not 40";
    EXPECT_NEAR(one.run_sd, 0.004, 0.0018);
    EXPECT_LT(std::fabs(*one.lag1), 0.6);
    EXPECT_GT(one.detectable_ratio, 1.004);
  }
  EXPECT_GT(calibrate(noisy(20, 40, 0.02)).cases[0].detectable_ratio, found.cases[0].detectable_ratio);
}

TEST(Calibration, CountsPairsThatShareNoRun) {
  const Calibration found = calibrate(noisy(6, 25, 0.004));
  EXPECT_EQ(found.disjoint.runs_a_side, 5);
  EXPECT_EQ(found.disjoint.suites, 2) << "25 runs are two pairs of ten";
  EXPECT_EQ(found.disjoint.compared, 12);
  EXPECT_EQ(found.disjoint.slower + found.disjoint.faster, 0);
  EXPECT_EQ(found.shuffled.suites, 200);
  EXPECT_EQ(found.shuffled.compared, 6 * 200);
  EXPECT_LT(found.shuffled.slower + found.shuffled.faster, 12);
  EXPECT_EQ(calibrate(noisy(6, 9, 0.004)).disjoint.runs_a_side, 4);
}

TEST(Calibration, SeesARuleThatCallsWhereNothingChanged) {
  // Two levels by turns, as a scheduler's or a clock's would be: A always has the one, B the other.
  Result result = noisy(6, 20, 0.0001);
  for (CaseResult& one : result.cases)
    for (CaseRun& run : one.runs)
      for (double& sample : run.samples_s) sample *= run.run % 2 == 0 ? 1 : 1.1;
  const Calibration found = calibrate(result);
  EXPECT_EQ(found.disjoint.slower, found.disjoint.compared);
  EXPECT_EQ(found.disjoint.suites_with_alarm, found.disjoint.suites);
  for (const CalibratedCase& one : found.cases) EXPECT_LT(*one.lag1, -0.8);
}

TEST(Calibration, TheCpusRuleLooksAtTheUndisturbedRuns) {
  Result result = noisy(3, 20, 0.004, "cpu");
  for (CaseResult& one : result.cases)
    for (CaseRun& run : one.runs)
      if (run.run % 4 == 3)
        for (double& sample : run.samples_s) sample *= 1.5;  // a neighbour
  EXPECT_LT(calibrate(result).run_sd, 0.01);
  result.device_kind = "cuda";
  EXPECT_GT(calibrate(result).run_sd, 0.1);
}

TEST(Calibration, RefusesWhatTeachesNothing) {
  const auto refusal = [](const Result& result) -> std::string {
    try {
      calibrate(result);
    } catch (const ResultError& error) {
      return error.what();
    }
    return "calibrated";
  };
  EXPECT_THAT(refusal(noisy(2, 7, 0.01)), HasSubstr("--runs"));
  Result result = noisy(2, 8, 0.01);
  EXPECT_EQ(refusal(result), "calibrated");
  result.injection = "slow:.*:1.1";
  EXPECT_THAT(refusal(result), HasSubstr("KERNELGATE_INJECT"));
  result = noisy(2, 8, 0.01);
  result.status = "interrupted";
  EXPECT_THAT(refusal(result), HasSubstr("interrupted"));
  result = noisy(2, 8, 0.01);
  for (CaseResult& one : result.cases) one.status = CaseStatus::skipped;
  EXPECT_THAT(refusal(result), HasSubstr("nothing"));
}

TEST_F(CalibrationFile, ComesBackAndServesThePrior) {
  EXPECT_FALSE(calibrated_run_sd(folder_, "cpu_test").has_value());
  const Calibration found = calibrate(noisy(3, 10, 0.004));
  const auto path = write_calibration(folder_, found);
  EXPECT_EQ(path, folder_ / "cpu_test" / "calibration.json");
  const Calibration read = read_calibration(path);
  EXPECT_EQ(read.runs, 10);
  EXPECT_EQ(read.commit, "0123456789ab");
  EXPECT_EQ(read.cases[1].run_sd, found.cases[1].run_sd);
  EXPECT_EQ(read.cases[1].lag1, found.cases[1].lag1);
  EXPECT_EQ(read.shuffled.compared, found.shuffled.compared);
  EXPECT_EQ(*calibrated_run_sd(folder_, "cpu_test"), found.run_sd);
  std::ofstream(path) << "{}";
  EXPECT_FALSE(calibrated_run_sd(folder_, "cpu_test").has_value()) << "a broken one is none";
  EXPECT_THROW(read_calibration(path), ResultError);
}

}  // namespace
}  // namespace kernelgate

// How often two files alone are judged wrongly, by simulation: suites whose truth is known. Every side is of one night.

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>

#include "harness/judge/compare/compare.h"
#include "harness/judge/compare/decision.h"
#include "harness/statistics/rates_for_test.h"

namespace kernelgate {
namespace {

using for_test::most_hits;
using for_test::thorough;
using for_test::trials;

/// What the suite is made of. Standard deviations of log time.
struct TwoFileSuite {
  const char* kind = "cpu";
  std::size_t cases = 14;
  int runs = 5;  ///< a side
  double run_sd = 0.01, night_sd = 0;
  double disturbed = 0;   ///< share of the runs that a neighbour slows, by 20 % on average
  double control_sd = 0;  ///< 0: there is no control
  double machine = 1;     ///< how much slower the machine is on the new side; the control sees it
  double change = 1;      ///< of the first case, new over base
};

struct Rates {
  double suites_with_false_slower = 0, suites_with_false_faster = 0;
  double found = 0, same = 0, covered = 0, detectable = 0;  ///< of the first case
};

Rates simulate(const TwoFileSuite& suite, int trials, std::uint64_t seed = 20260102) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::exponential_distribution<double> burden(1 / 0.2);
  std::bernoulli_distribution hit(suite.disturbed);
  StudentTable table;
  const DeviceClass& device = device_class(suite.kind);
  const auto side = [&](double level, double machine) {
    const double night = suite.night_sd * normal(random);
    std::vector<RunSummary> runs;
    for (int r = 0; r < suite.runs; ++r) {
      const double neighbour = hit(random) ? burden(random) : 0;
      const double median = machine * level * std::exp(night + suite.run_sd * normal(random) + neighbour);
      runs.push_back({median, 0.998 * median, 1.002 * median, 30});
      if (suite.control_sd > 0) runs.back().control_s = machine * 1e-4 * std::exp(suite.control_sd * normal(random));
    }
    return runs;
  };
  Rates rates;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<Evidence> evidence;
    std::vector<double> effects;
    for (std::size_t k = 0; k < suite.cases; ++k) {
      const double change = k == 0 ? suite.change : 1;
      evidence.push_back(weigh(side(1e-3, 1), side(change * 1e-3, suite.machine), device, {}));
      effects.push_back(evidence.back().effect);
    }
    const std::vector<Decision> decisions = decide(evidence, scatter_of(effects), device, {}, table);
    bool slower = false, faster = false;
    for (std::size_t k = suite.change == 1 ? 0 : 1; k < suite.cases; ++k) {
      slower = slower || decisions[k].verdict == Verdict::slower;
      faster = faster || decisions[k].verdict == Verdict::faster;
    }
    rates.suites_with_false_slower += slower;
    rates.suites_with_false_faster += faster;
    const Decision& first = decisions.front();
    rates.found += first.verdict == (suite.change < 1 ? Verdict::faster : Verdict::slower);
    rates.same += first.verdict == Verdict::same;
    const double truth = suite.change * suite.machine;
    rates.covered += first.ratio_low <= truth && truth <= first.ratio_high;
    rates.detectable += first.detectable_ratio;
  }
  for (double* rate : {&rates.suites_with_false_slower, &rates.suites_with_false_faster, &rates.found, &rates.same,
                       &rates.covered, &rates.detectable})
    *rate /= trials;
  return rates;
}

TEST(TwoFiles, AtTheDeclaredNoiseFalseAlarmsAreRareInWholeSuites) {
  for (const char* kind : {"cpu", "cuda"})
    for (const std::size_t cases : {std::size_t{14}, std::size_t{200}})
      for (const int runs : {1, 2, 5}) {
        const DeviceClass& device = device_class(kind);
        const int suites = cases == 14 ? trials(3000, 500) : trials(300, 50);
        const double most = thorough() ? 0.015 : static_cast<double>(most_hits(suites, 0.01)) / suites;
        const Rates r = simulate(
            {.kind = kind, .cases = cases, .runs = runs, .run_sd = device.run_sd, .night_sd = device.night_sd}, suites);
        EXPECT_LE(r.suites_with_false_slower, most) << kind << " " << cases << " " << runs;
        EXPECT_LE(r.suites_with_false_faster, most) << kind << " " << cases << " " << runs;
        RecordProperty(std::string(kind) + std::to_string(cases) + "x" + std::to_string(runs),
                       std::to_string(r.suites_with_false_slower));
      }
}

TEST(TwoFiles, IntervalsHoldTheTruthAtTheDeclaredNoise) {
  for (const char* kind : {"cpu", "cuda"})
    for (const int runs : {1, 5}) {
      const DeviceClass& device = device_class(kind);
      const Rates r = simulate(
          {.kind = kind, .cases = 1, .runs = runs, .run_sd = device.run_sd, .night_sd = device.night_sd}, 20000);
      EXPECT_GE(r.covered, 0.93) << kind << " " << runs;
      EXPECT_LE(r.covered, 0.985) << kind << " " << runs;
      RecordProperty(std::string(kind) + std::to_string(runs), std::to_string(r.covered));
    }
}

TEST(TwoFiles, WhatIsSaidToBeDetectableIsDetected) {
  for (const char* kind : {"cpu", "cuda"})
    for (const int runs : {1, 5}) {
      const DeviceClass& device = device_class(kind);
      TwoFileSuite suite{.kind = kind, .cases = 1, .runs = runs, .run_sd = device.run_sd, .night_sd = device.night_sd};
      suite.change = simulate(suite, 500).detectable;
      const double found = simulate(suite, 5000).found;
      EXPECT_GE(found, 0.85) << kind << " " << runs;
      EXPECT_LE(found, 0.96) << kind << " " << runs;
      RecordProperty(std::string(kind) + std::to_string(runs), std::to_string(found));
    }
}

TEST(TwoFiles, TenPercentOfOneCaseIsFoundEvenWithOneRun) {
  for (const std::size_t cases : {std::size_t{14}, std::size_t{200}}) {
    const double one = simulate({.cases = cases, .runs = 1, .run_sd = 0.003, .change = 1.10}, 400).found;
    EXPECT_GT(one, 0.90) << cases;
    RecordProperty("one_run_of_" + std::to_string(cases), std::to_string(one));
  }
  const double five = simulate({.run_sd = 0.012, .change = 1.10}, 2000).found;
  EXPECT_GT(five, 0.88);
  EXPECT_GT(simulate({.kind = "cuda", .cases = 200, .runs = 1, .run_sd = 0.003, .change = 1.10}, 400).found, 0.99);
  EXPECT_GT(simulate({.run_sd = 0.01, .change = 1 / 1.10}, 1000).found, 0.90);
  RecordProperty("five_runs_at_1.2_percent", std::to_string(five));
}

TEST(TwoFiles, ANightNoisierThanDeclaredIsSeenInTheSuitesScatter) {
  // The cases' changes scatter by far more than anything declared: the suite itself says so.
  const Rates noisy = simulate({.kind = "cuda", .cases = 50, .run_sd = 0.002, .night_sd = 0.03}, 600);
  EXPECT_LE(noisy.suites_with_false_slower, 0.03);
  RecordProperty("false_slower_at_six_times_the_nights_noise", std::to_string(noisy.suites_with_false_slower));
}

TEST(TwoFiles, WithEveryFourthRunDisturbedTheCpuRuleStillTells) {
  const Rates same = simulate({.disturbed = 0.25}, 2000);
  EXPECT_LT(same.suites_with_false_slower, 0.02);
  EXPECT_LT(same.suites_with_false_faster, 0.02);
  const double found = simulate({.disturbed = 0.25, .change = 1.10}, 1000).found;
  EXPECT_GT(found, 0.75);
  RecordProperty("false_slower", std::to_string(same.suites_with_false_slower));
  RecordProperty("found", std::to_string(found));
}

TEST(TwoFiles, ASlowMachineIsNotSlowerCode) {
  for (const double machine : {1.04, 1.10, 1.37}) {
    const Rates told = simulate({.control_sd = 0.01, .machine = machine}, 1000);
    EXPECT_LT(told.suites_with_false_slower, 0.02) << machine;
    if (machine > 1.05) {
      EXPECT_GT(simulate({.machine = machine}, 200).found, 0.9) << "without a control it is taken for slower code";
    }
    RecordProperty("false_slower_at_" + std::to_string(machine), std::to_string(told.suites_with_false_slower));
  }
  // Slower code on the slower machine is still found.
  const double found = simulate({.control_sd = 0.01, .machine = 1.2, .change = 1.10}, 1000).found;
  EXPECT_GT(found, 0.9);
  RecordProperty("ten_percent_found_on_a_slow_machine", std::to_string(found));
}

TEST(TwoFiles, EquivalenceIsShownWhereTheSuiteIsQuietAndSeldomWhereThereIsAChange) {
  const double cpu = simulate({.cases = 50, .run_sd = 0.006}, 300).same;
  const double cuda = simulate({.kind = "cuda", .cases = 50, .run_sd = 0.0015, .night_sd = 0.001}, 300).same;
  EXPECT_GT(cpu, 0.85);
  EXPECT_GT(cuda, 0.7);
  RecordProperty("cpu", std::to_string(cpu));
  RecordProperty("cuda", std::to_string(cuda));
  // A change of exactly the margin must not be called none more often than the test's 5 %.
  EXPECT_LT(simulate({.cases = 50, .run_sd = 0.012, .night_sd = 0.009, .change = 1.03}, 500).same, 0.07);
  EXPECT_LT(simulate({.kind = "cuda", .cases = 50, .run_sd = 0.005, .night_sd = 0.005, .change = 1.01}, 500).same,
            0.07);
}

}  // namespace
}  // namespace kernelgate

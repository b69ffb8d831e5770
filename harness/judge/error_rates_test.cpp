// How often the rule errs, by simulation: pairs of sides whose truth is known.

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "harness/judge/compare.h"
#include "harness/judge/decision.h"

namespace kernelgate {
namespace {

RunSummary run_of(double median_s) { return {median_s, 0.99 * median_s, 1.01 * median_s, 30, std::nullopt}; }

/// Shares of verdicts over simulated pairs; log-normal runs around `effect`.
struct Rates {
  double slower = 0, faster = 0, same = 0, covered = 0;
};

/// What the control of simulated runs does: its noise, and how much slower the machine is in the new runs. With
/// no noise there is no control.
struct MachineShift {
  double control_sd = 0;
  double slowdown = 1;
};

/// `disturbed` is the share of runs that a neighbour slows, by 20 % on average, exponentially distributed.
Rates simulate(const char* kind, int base_runs, int new_runs, double run_sd, double ratio, int trials,
               double disturbed = 0, MachineShift machine = {}) {
  std::mt19937_64 random(20260102);
  std::normal_distribution<double> normal;
  std::exponential_distribution<double> burden(1 / 0.2);
  std::bernoulli_distribution hit(disturbed);
  StudentTable table;
  const auto side = [&](int n, double level, double machine_level) {
    std::vector<RunSummary> runs;
    for (int r = 0; r < n; ++r) {
      const double neighbour = hit(random) ? burden(random) : 0;
      runs.push_back(run_of(machine_level * level * std::exp(run_sd * normal(random) + neighbour)));
      if (machine.control_sd > 0)
        runs.back().control_s = machine_level * 1e-4 * std::exp(machine.control_sd * normal(random));
    }
    return runs;
  };
  Rates rates;
  for (int i = 0; i < trials; ++i) {
    const auto base = side(base_runs, 1e-3, 1), fresh = side(new_runs, ratio * 1e-3, machine.slowdown);
    const Decision d = decide(base, fresh, device_class(kind), {}, table);
    rates.slower += d.verdict == Verdict::slower;
    rates.faster += d.verdict == Verdict::faster;
    rates.same += d.verdict == Verdict::same;
    rates.covered += d.ratio_low <= ratio && ratio <= d.ratio_high;
  }
  for (double* rate : {&rates.slower, &rates.faster, &rates.same, &rates.covered}) *rate /= trials;
  return rates;
}

TEST(ErrorRates, FalseAlarmsAtThePriorsNoiseAreRare) {
  for (const char* kind : {"cpu", "cuda"})
    for (int runs : {1, 2, 3, 5, 10, 30}) {
      const Rates r = simulate(kind, runs, runs, device_class(kind).run_sd, 1, 20000);
      EXPECT_LT(r.slower, 0.003) << kind << " " << runs;
      EXPECT_LT(r.faster, 0.003) << kind << " " << runs;
      EXPECT_GE(r.covered, 0.975) << kind << " " << runs;
      RecordProperty(std::string(kind) + std::to_string(runs), std::to_string(r.slower));
    }
}

TEST(ErrorRates, FalseAlarmsAtTwiceThePriorsNoise) {
  // Where the prior is wrong by half, the runs' own spread takes over, but one run a side has none.
  const double one = simulate("cpu", 1, 1, 0.03, 1, 20000).slower, five = simulate("cpu", 5, 5, 0.03, 1, 20000).slower;
  EXPECT_LT(one, 0.055);
  EXPECT_LT(five, 0.025);
  RecordProperty("one_run", std::to_string(one));
  RecordProperty("five_runs", std::to_string(five));
}

TEST(ErrorRates, TenPercentIsFound) {
  const double noisy = simulate("cpu", 3, 3, 0.02, 1.10, 4000).slower,
               one = simulate("cpu", 1, 1, 0.01, 1.10, 4000).slower;
  EXPECT_GT(simulate("cpu", 3, 3, 0.015, 1.10, 4000).slower, 0.99);
  EXPECT_GT(noisy, 0.90);
  EXPECT_GT(one, 0.90);
  EXPECT_GT(simulate("cuda", 1, 1, 0.005, 1.05, 4000).slower, 0.99);
  EXPECT_GT(simulate("cpu", 3, 3, 0.015, 1 / 1.10, 4000).faster, 0.99);
  RecordProperty("three_runs_at_2_percent", std::to_string(noisy));
  RecordProperty("one_run_at_1_percent", std::to_string(one));
}

TEST(ErrorRates, WithEveryFourthRunDisturbedTheCpuRuleStillTells) {
  const Rates same = simulate("cpu", 5, 5, 0.01, 1, 20000, 0.25);
  const double found = simulate("cpu", 5, 5, 0.01, 1.10, 4000, 0.25).slower;
  EXPECT_LT(same.slower, 0.002);
  EXPECT_LT(same.faster, 0.002);
  EXPECT_GT(found, 0.85);
  RecordProperty("found", std::to_string(found));
}

TEST(ErrorRates, ASlowMachineIsNotSlowerCode) {
  // All new runs slowed alike: by what the control's noise leaves, some may still be called.
  for (const double slowdown : {1.04, 1.10, 1.37}) {
    const Rates blind = simulate("cpu", 5, 5, 0.01, 1, 4000, 0, {0, slowdown});
    const Rates told = simulate("cpu", 5, 5, 0.01, 1, 20000, 0, {0.01, slowdown});
    if (slowdown > 1.05) {
      EXPECT_GT(blind.slower, 0.99) << "without a control it is taken for slower code";
    }
    EXPECT_LT(told.slower, 0.005) << slowdown;
    RecordProperty("false_slower_at_" + std::to_string(slowdown), std::to_string(told.slower));
  }
  // Slower code on the slower machine is still found.
  const double found = simulate("cpu", 5, 5, 0.01, 1.10, 4000, 0, {0.01, 1.2}).slower;
  EXPECT_GT(found, 0.95);
  RecordProperty("ten_percent_found_on_a_slow_machine", std::to_string(found));
}

TEST(ErrorRates, AControlsNoiseCostsLittle) {
  for (const int runs : {1, 3, 5}) {
    const double blind = simulate("cpu", runs, runs, 0.01, 1.10, 4000).slower;
    const double told = simulate("cpu", runs, runs, 0.01, 1.10, 4000, 0, {0.01, 1}).slower;
    EXPECT_GT(told, blind - 0.12) << runs;
    RecordProperty("blind" + std::to_string(runs), std::to_string(blind));
    RecordProperty("told" + std::to_string(runs), std::to_string(told));
  }
}

TEST(ErrorRates, EquivalenceIsShownWhereThereIsNoChangeAndSeldomWhereThereIs) {
  EXPECT_GT(simulate("cpu", 5, 5, 0.006, 1, 4000).same, 0.90);
  EXPECT_GT(simulate("cuda", 5, 5, 0.0025, 1, 4000).same, 0.90);
  // A change of exactly the margin must not be called none more often than the test's 5 %.
  EXPECT_LT(simulate("cpu", 5, 5, 0.015, 1.03, 10000).same, 0.06);
  EXPECT_LT(simulate("cuda", 5, 5, 0.005, 1.01, 10000).same, 0.06);
}

}  // namespace
}  // namespace kernelgate

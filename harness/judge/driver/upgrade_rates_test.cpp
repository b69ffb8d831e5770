// How often a decision on a driver errs, by simulation: upgrades whose truth is known.
//
// KERNELGATE_THOROUGH=1 judge_tests --gtest_filter='UpgradeRates*' prints the rates of docs/driver.md.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <string>

#include "harness/judge/driver/simulated_upgrade_for_test.h"
#include "harness/statistics/rates_for_test.h"

namespace kernelgate {
namespace {

using for_test::least_hits;
using for_test::most_hits;
using for_test::SimulatedUpgrade;
using for_test::trials;
using for_test::UpgradeModel;

struct Rates {
  int tries = 0;
  int named = 0;   ///< exactly what was planted, and nothing else
  int passed = 0;  ///< NOT SLOWER, exit 0
  int false_slower = 0;
  int bounded = 0;   ///< no case truly took more than what was said
  double bound = 0;  ///< of those that passed, in the middle
  double mean_held = 0;
};

Rates simulate(const char* what, const UpgradeModel& model, int tries, std::uint64_t seed = 20261129) {
  Rates rates;
  rates.tries = tries;
  std::vector<double> bounds;
  for (int i = 0; i < tries; ++i) {
    const DriverUpgrade upgrade = SimulatedUpgrade(model, seed + static_cast<std::uint64_t>(i)).upgrade();
    const UpgradeDecision decision = decide_upgrade(upgrade, {});
    std::set<std::string> called, planted;
    for (const UpgradeCase& one : decision.cases)
      if (one.verdict.verdict == Verdict::slower) called.insert(one.verdict.implementation);
    for (const auto& [number, change] : model.slower) planted.insert(fmt::format("kernel{:02}", number));
    rates.named += called == planted && !planted.empty();
    rates.passed += decision.answer == UpgradeAnswer::not_slower && decision.code == ExitCode::good;
    rates.false_slower += std::ranges::any_of(called, [&](const auto& name) { return !planted.contains(name); });
    double truth = 1;
    for (const auto& [number, change] : model.slower)
      if (!called.contains(fmt::format("kernel{:02}", number))) truth = std::max(truth, change);
    rates.bounded += decision.at_most && *decision.at_most >= truth;
    if (decision.at_most) bounds.push_back(*decision.at_most);
    double mean = 0;
    for (const auto& [number, change] : model.slower) mean += std::log(change) / model.cases;
    rates.mean_held += decision.mean && std::log(decision.mean->low) <= mean && mean <= std::log(decision.mean->high);
  }
  std::ranges::sort(bounds);
  if (!bounds.empty()) rates.bound = bounds[bounds.size() / 2];
  std::printf(
      "%-44s named %d, passed %d, a false SLOWER %d of %d; bound +%.2f %% in the middle, true in %d; the mean's "
      "interval holds in %.0f\n",
      what, rates.named, rates.passed, rates.false_slower, tries, 100 * (rates.bound - 1), rates.bounded,
      rates.mean_held);
  return rates;
}

const std::map<int, double> two_of_forty{{7, 1.03}, {23, 1.03}};

TEST(UpgradeRates, ThreePercentInTwoOfFortyCasesIsNamedWithFiveBootsASide) {
  const int tries = trials(400, 40);
  const Rates rates = simulate("3 % in two of forty, 5 boots a side", {.slower = two_of_forty}, tries);
  EXPECT_GE(rates.named, least_hits(tries, 0.95));
  EXPECT_LE(rates.false_slower, most_hits(tries, 0.01));
}

TEST(UpgradeRates, ACleanUpgradeIsPassedWithItsBound) {
  for (const int boots : {2, 3, 5}) {
    const int tries = trials(400, 40);
    const Rates rates = simulate(fmt::format("clean, {} boots a side", boots).c_str(),
                                 {.before_boots = boots, .after_boots = boots}, tries);
    EXPECT_GE(rates.passed, least_hits(tries, 0.95)) << boots;
    EXPECT_GE(rates.bounded, least_hits(tries, 0.95)) << boots;
    EXPECT_LT(rates.bound, boots == 2 ? 1.04 : 1.03) << boots;
  }
}

TEST(UpgradeRates, TailsOfStudentsTMakeNoFalseAlarm) {
  const int tries = trials(400, 40);
  const Rates clean = simulate("clean, heavy tails, 5 boots", {.heavy_tails = true}, tries);
  EXPECT_LE(clean.false_slower, most_hits(tries, 0.02));
  const Rates planted =
      simulate("3 % in two, heavy tails, 5 boots", {.heavy_tails = true, .slower = two_of_forty}, tries);
  EXPECT_GE(planted.named, least_hits(tries, 0.90));
}

TEST(UpgradeRates, ControlKernelsTakeOffWhatAWholeBootWasSlowerBy) {
  // Boots differ by 1.5 %, nearly all of it the whole machine's: without the controls 3 % drown in it.
  UpgradeModel model{.boot = 0.015, .together = 0.95, .slower = two_of_forty};
  const int tries = trials(400, 40);
  const Rates with = simulate("3 % in two, boots 1.5 % apart as a whole", model, tries);
  EXPECT_GE(with.named, least_hits(tries, 0.90));
  model.slower.clear();
  EXPECT_LE(simulate("clean, boots 1.5 % apart as a whole", model, tries).false_slower, most_hits(tries, 0.01));
}

TEST(UpgradeRates, AClockThatTheNewDriverLowersIsNotTakenOff) {
  const int tries = trials(200, 20);
  int slower = 0;
  for (int i = 0; i < tries; ++i) {
    const UpgradeDecision decision =
        decide_upgrade(SimulatedUpgrade({.machine = 1.03}, static_cast<std::uint64_t>(i)).upgrade(), {});
    slower += decision.answer == UpgradeAnswer::slower && !decision.controls.taken;
  }
  std::printf("a whole machine slower by 3 %% after: said in %d of %d\n", slower, tries);
  EXPECT_GE(slower, least_hits(tries, 0.95));
}

}  // namespace
}  // namespace kernelgate

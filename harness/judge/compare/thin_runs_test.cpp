// What a few single values show, and what they don't.

#include "harness/judge/compare/thin_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "harness/sides/foreign_run.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;

/// A process run each, of one value.
std::vector<RunSummary> single_values(const std::vector<double>& seconds) {
  std::vector<RunSummary> runs;
  for (double s : seconds) runs.push_back(run_of_samples({s}));
  return runs;
}

/// The first case of a suite of which the others did not change.
Decision decision_among(std::size_t cases, const std::vector<double>& base, const std::vector<double>& fresh,
                        const char* kind = "cuda") {
  const DeviceClass& device = device_class(kind);
  std::vector<Evidence> suite(cases, weigh(single_values(base), single_values(base), device, {}));
  suite.front() = weigh(single_values(base), single_values(fresh), device, {});
  StudentTable table;
  return decide(suite, {}, device, {}, table).front();
}

/// So many values about a level, 0.1 % apart.
std::vector<double> close_to(double level, std::size_t count) {
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(level * (1 + 1e-3 * static_cast<double>(i)));
  return values;
}

TEST(ThinRuns, ThreeThatAgreeProveNothing) {
  for (const char* kind : {"cuda", "cpu"}) {
    const Decision slower = decision_among(50, close_to(1, 3), close_to(1.35, 3), kind);
    EXPECT_EQ(slower.verdict, Verdict::possible) << kind << " " << slower.reason;
    EXPECT_THAT(slower.reason, HasSubstr("8 files a side would show it by their order alone")) << kind;
    EXPECT_GT(slower.detectable_ratio, 2) << kind << ", and it says so";
    EXPECT_EQ(decision_among(50, close_to(1.35, 3), close_to(1, 3), kind).verdict, Verdict::possible) << kind;
  }
}

TEST(ThinRuns, EightInOrderDo) {
  EXPECT_EQ(decision_among(50, close_to(1, 7), close_to(1.35, 7)).verdict, Verdict::possible) << "1 of 3,432 ways";
  EXPECT_EQ(decision_among(50, close_to(1, 8), close_to(1.35, 8)).verdict, Verdict::slower) << "1 of 12,870";
  EXPECT_EQ(decision_among(50, close_to(1.35, 8), close_to(1, 8)).verdict, Verdict::faster);
  std::vector<double> out_of_order = close_to(1.35, 8);
  out_of_order[0] = 0.9;
  EXPECT_EQ(decision_among(50, close_to(1, 8), out_of_order).verdict, Verdict::possible);
}

TEST(ThinRuns, OrderIsOfWhatIsBeyondTheThreshold) {
  const Evidence one =
      weigh(single_values(close_to(1, 8)), single_values(close_to(1.012, 8)), device_class("cuda"), {});
  CompareOptions wide;
  wide.threshold = 0.05;
  const Evidence below =
      weigh(single_values(close_to(1, 8)), single_values(close_to(1.012, 8)), device_class("cuda"), wide);
  EXPECT_LT(one.order_slower, 1e-3);
  EXPECT_GT(below.order_slower, 0.999);
  EXPECT_GT(one.order_faster, 0.999);
}

TEST(ThinRuns, SizeAloneDoesWhereItIsBeyondWhatSuchValuesDo) {
  EXPECT_EQ(decision_among(1, close_to(1, 3), close_to(1.35, 3)).verdict, Verdict::possible);
  EXPECT_EQ(decision_among(1, close_to(1, 3), close_to(2, 3)).verdict, Verdict::slower);
  EXPECT_EQ(decision_among(20, close_to(1, 3), close_to(2, 3)).verdict, Verdict::possible) << "one of twenty";
  EXPECT_EQ(decision_among(20, close_to(1, 3), close_to(20, 3)).verdict, Verdict::slower);
}

TEST(ThinRuns, OnASharedMachineTheSuiteKnows) {
  const Evidence one =
      weigh(single_values(close_to(1, 3)), single_values(close_to(1.35, 3)), device_class("cpu_hosted"), {});
  EXPECT_FALSE(needs_proof(one, device_class("cpu_hosted")));
  EXPECT_TRUE(needs_proof(one, device_class("cuda")));
  const std::vector<RunSummary> full{run_of_samples(close_to(1, 9)), run_of_samples(close_to(1, 9))};
  EXPECT_FALSE(needs_proof(weigh(full, full, device_class("cuda"), {}), device_class("cuda"))) << "no single values";
}

/// Suites of kernels of two speeds a quarter apart, each run of either by chance.
TEST(ThinRuns, KernelsOfTwoSpeedsAreNotCalled) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  std::bernoulli_distribution is_slow(0.5);
  int slower = 0, faster = 0, possible = 0;
  for (int trial = 0; trial < 100; ++trial) {
    std::vector<Evidence> suite;
    const auto side = [&] {
      std::vector<double> values;
      for (int i = 0; i < 3; ++i) values.push_back((is_slow(random) ? 1.25 : 1) * std::exp(0.003 * normal(random)));
      return single_values(values);
    };
    for (int k = 0; k < 18; ++k) suite.push_back(weigh(side(), side(), device_class("cuda"), {}));
    StudentTable table;
    for (const Decision& one : decide(suite, {}, device_class("cuda"), {}, table)) {
      slower += one.verdict == Verdict::slower;
      faster += one.verdict == Verdict::faster;
      possible += one.verdict == Verdict::possible;
    }
  }
  EXPECT_EQ(slower, 0);
  EXPECT_EQ(faster, 0);
  EXPECT_GT(possible, 20) << "such triples are no rarity";
}

TEST(ThinRuns, WhatItFindsIsFound) {
  std::mt19937_64 random(2);
  std::normal_distribution<double> normal;
  for (int files : {5, 8, 14}) {
    const auto side = [&](double change) {
      std::vector<double> values;
      for (int i = 0; i < files; ++i) values.push_back(change * std::exp(0.03 * normal(random)));
      return single_values(values);
    };
    int found = 0, tries = 0;
    for (int trial = 0; trial < 200; ++trial) {
      StudentTable table;
      // What one comparison says that it finds is tried on the next, for what it saw is no longer chance to it.
      const double finds = decide(side(1), side(1), device_class("cuda"), {}, table).detectable_ratio;
      found += decide(side(1), side(finds), device_class("cuda"), {}, table).verdict == Verdict::slower;
      ++tries;
    }
    EXPECT_GE(found, tries * 86 / 100) << files;
  }
}

TEST(ThinRuns, WhatItWouldTakeIsOrderAtLeast) {
  const Decision one = decision_among(50, close_to(1, 3), close_to(1.13, 3));
  ASSERT_EQ(one.verdict, Verdict::inconclusive);
  const auto at = one.reason.find("about ");
  ASSERT_NE(at, std::string::npos) << one.reason;
  EXPECT_GE(std::stoi(one.reason.substr(at + 6)), 8) << one.reason;
}

}  // namespace
}  // namespace kernelgate

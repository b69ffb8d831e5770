#include "harness/judge/compare/learned.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include <fmt/format.h>

namespace kernelgate {
namespace {

using ::testing::HasSubstr;

CompareOptions options_of(const char* name) {
  CompareOptions options;
  options.device_class = name;
  return options;
}

/// Nights of a suite of which each case varies by `own_sd`, and all by `machine_sd` together.
class Nights {
 public:
  Nights(std::uint64_t seed, int cases, double machine_sd, double own_sd)
      : random_(seed), cases_(cases), machine_sd_(machine_sd), own_sd_(own_sd) {}

  LearnedSuite learned(int nights) {
    LearnedSuite suite;
    for (int t = 0; t < nights; ++t) {
      const double machine = machine_sd_ * normal_(random_);
      for (int k = 0; k < cases_; ++k) {
        LearnedCase& one = suite.cases[name(k)];
        one.residuals.push_back(machine + own_sd_ * normal_(random_));
        one.level.push_back(one.residuals.back() + k);
      }
    }
    return suite;
  }

  /// One new side; `change` is of the first case, `machine` of all.
  Side fresh(int processes, double change = 0, double machine = 0, const std::string& source = "another tool") {
    Side side;
    side.device_kind = "cpu";
    side.source = source;
    for (int k = 0; k < cases_; ++k) {
      side.cases.emplace_back();
      side.cases.back().name = name(k);
    }
    for (int i = 0; i < processes; ++i) {
      const double common = machine + machine_sd_ * normal_(random_);
      for (int k = 0; k < cases_; ++k) {
        const double s = std::exp(k + common + own_sd_ * normal_(random_) + (k == 0 ? change : 0));
        side.cases[static_cast<std::size_t>(k)].runs.push_back({s, s, s, 9});
      }
    }
    return side;
  }

 private:
  static std::string name(int k) { return fmt::format("case{:02}", k); }
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  int cases_;
  double machine_sd_, own_sd_;
};

TEST(Learned, WhatIsBeyondTheNightsIsFoundAndWhatIsNotIsNot) {
  int found = 0, called = 0, suites = 0;
  constexpr int trials = 100;
  for (std::uint64_t seed = 0; seed < trials; ++seed) {
    Nights nights(seed, 20, 0.1, 0.02);
    const LearnedSuite learned = nights.learned(60);
    found += compare_with_learned(learned, nights.fresh(3, std::log(1.15)), {}).cases[0].verdict == Verdict::slower;
    const Comparison same = compare_with_learned(learned, nights.fresh(3), {});
    int here = 0;
    for (const CaseVerdict& one : same.cases) here += one.verdict == Verdict::slower || one.verdict == Verdict::faster;
    called += here;
    suites += here > 0;
  }
  EXPECT_GE(found, 90) << "seven of the nights' deviations, a few of a process";
  EXPECT_LE(suites, 4) << called;
}

TEST(Learned, OneProcessOfASharedMachineIsPossibleAtMost) {
  Nights nights(1, 20, 0.05, 0.02);
  const LearnedSuite learned = nights.learned(60);
  const Comparison shared = compare_with_learned(learned, nights.fresh(1, std::log(2.0)), {});
  EXPECT_EQ(shared.cases[0].verdict, Verdict::possible);
  EXPECT_THAT(shared.cases[0].reason, HasSubstr("--history FOLDER new1,new2,new3"));
  EXPECT_EQ(shared.exit_code(false), ExitCode::good);
  EXPECT_EQ(compare_with_learned(learned, nights.fresh(1, std::log(2.0)), options_of("own")).cases[0].verdict,
            Verdict::slower);
}

TEST(Learned, ASuiteThatMovesByWhatNoNightDidIsOneFindingAndItsCasesAreCalled) {
  Nights nights(2, 20, 0.01, 0.01);
  const LearnedSuite learned = nights.learned(60);
  const Side slower = nights.fresh(3, 0, 0.3);
  for (const char* name : {"hosted", "own"}) {
    const Comparison found = compare_with_learned(learned, slower, options_of(name));
    EXPECT_THAT(found.suite_shift, HasSubstr("the whole suite moved by +3")) << name;
    EXPECT_EQ(found.exit_code(false), ExitCode::regression) << name;
    EXPECT_TRUE(found.cases[5].with_suite) << name;
    EXPECT_THAT(found.cases[5].reason, HasSubstr("with the whole suite")) << name;
  }
  const Comparison single = compare_with_learned(learned, nights.fresh(1, 0, 0.3), options_of("hosted"));
  EXPECT_EQ(single.exit_code(false), ExitCode::good) << "one process";
  EXPECT_THAT(single.environment_shift, HasSubstr("the whole suite moved by +3"));
  EXPECT_EQ(compare_with_learned(learned, nights.fresh(1, 0, 0.3), options_of("own")).exit_code(false),
            ExitCode::regression)
      << "one process of an own machine";
  Side partly = slower;
  for (SideCase& one : partly.cases) one.runs[1].median_s /= std::exp(0.3);
  EXPECT_EQ(compare_with_learned(learned, partly, {}).exit_code(false), ExitCode::good) << "not all processes";
}

TEST(Learned, AMachineOfThePoolThatNightsHaveMetIsNoRegression) {
  Nights nights(2, 20, 0.01, 0.01);
  LearnedSuite learned = nights.learned(60);
  for (auto& [name, one] : learned.cases)
    for (std::size_t t : {20U, 40U}) one.residuals[t] += 0.3;
  const Side slower = nights.fresh(3, 0, 0.3);
  const Comparison shared = compare_with_learned(learned, slower, options_of("hosted"));
  EXPECT_THAT(shared.environment_shift, HasSubstr("the whole suite moved by +3"));
  EXPECT_EQ(shared.exit_code(false), ExitCode::good) << "three processes of one job may have met it";
  EXPECT_EQ(compare_with_learned(learned, slower, options_of("own")).exit_code(false), ExitCode::regression)
      << "never three in a row";
  const Comparison faster = compare_with_learned(learned, nights.fresh(3, 0, -0.3), options_of("hosted"));
  EXPECT_THAT(faster.suite_shift, HasSubstr("the whole suite moved by -2")) << "no night was off that way";
}

TEST(Learned, WhatEarlierNightsDidTooIsPossibleTheSameWayAlone) {
  Nights nights(7, 20, 0, 0.01);
  LearnedSuite learned = nights.learned(60);
  for (std::size_t t : {20U, 21U, 22U}) learned.cases["case00"].residuals[t] += 0.25;
  const Comparison slower = compare_with_learned(learned, nights.fresh(3, 0.3), {});
  EXPECT_EQ(slower.cases[0].verdict, Verdict::possible);
  EXPECT_THAT(slower.cases[0].reason, HasSubstr("earlier nights were off their level by up to 2"));
  EXPECT_GE(*slower.cases[0].detectable_ratio, std::exp(1.5 * 0.24)) << "what it finds is beyond them, too";
  EXPECT_EQ(compare_with_learned(learned, nights.fresh(3, -0.3), {}).cases[0].verdict, Verdict::faster);
  learned = nights.learned(60);
  for (std::size_t t : {57U, 58U, 59U}) learned.cases["case00"].residuals[t] += 0.3;
  EXPECT_THAT(compare_with_learned(learned, nights.fresh(3, 0.3), {}).cases[0].reason,
              HasSubstr("the last nights were so already"));
}

TEST(Learned, WhatStayedWhileTheRestGotFasterIsNoRegression) {
  Nights nights(6, 20, 0, 0.01);
  const LearnedSuite learned = nights.learned(60);
  Side fresh = nights.fresh(3);
  for (std::size_t k = 0; k < 15; ++k)
    for (RunSummary& run : fresh.cases[k].runs) run.median_s = run.q1_s = run.q3_s = 0.8 * run.median_s;
  for (const char* name : {"hosted", "own"}) {
    const Comparison found = compare_with_learned(learned, fresh, options_of(name));
    EXPECT_EQ(found.exit_code(false), ExitCode::good) << name;
    EXPECT_EQ(found.cases[17].verdict, Verdict::possible) << name;
  }
}

TEST(Learned, OneWildProcessIsNoChange) {
  Nights nights(3, 20, 0, 0.01);
  const LearnedSuite learned = nights.learned(60);
  Side fresh = nights.fresh(3, std::log(1.2));
  fresh.cases[0].runs[1] = {1, 1, 1, 1};  // as before
  EXPECT_EQ(compare_with_learned(learned, fresh, {}).cases[0].verdict, Verdict::possible);
}

TEST(Learned, CasesThatAreNewOrGoneOrBrokenAreSaid) {
  Nights nights(4, 10, 0, 0.01);
  LearnedSuite learned = nights.learned(30);
  learned.cases["gone"] = learned.cases["case00"];
  learned.cases["long_gone"] = learned.cases["case00"];
  for (std::size_t t = 20; t < 30; ++t)
    learned.cases["long_gone"].residuals[t] = std::numeric_limits<double>::quiet_NaN();
  Side fresh = nights.fresh(2);
  fresh.cases[1].name = "new";
  fresh.cases[2].status = CaseStatus::invalid;
  const Comparison found = compare_with_learned(learned, fresh, {});
  EXPECT_EQ(found.cases[1].verdict, Verdict::no_baseline);
  EXPECT_EQ(found.cases[2].verdict, Verdict::invalid);
  const auto gone = std::ranges::find(found.cases, "gone", &CaseVerdict::name);
  ASSERT_NE(gone, found.cases.end());
  EXPECT_EQ(gone->verdict, Verdict::not_comparable);
  EXPECT_EQ(std::ranges::count(found.cases, "long_gone", &CaseVerdict::name), 0);
}

TEST(Learned, FewNightsTeachNoMoreThanIsDeclared) {
  Nights nights(5, 3, 0, 0.0001);
  const Comparison found = compare_with_learned(nights.learned(5), nights.fresh(3, std::log(1.05)), {});
  EXPECT_NE(found.cases[0].verdict, Verdict::slower) << "a runner varies by more, whatever five nights say";
}

}  // namespace
}  // namespace kernelgate

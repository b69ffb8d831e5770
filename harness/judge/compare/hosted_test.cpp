// Verdicts on a shared machine, and what more files are worth.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include <fmt/format.h>

#include "harness/judge/compare/common_mode.h"
#include "harness/judge/compare/compare.h"
#include "harness/judge/compare/decision.h"
#include "harness/sides/foreign_run.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;

CompareOptions of_class(const char* name) {
  CompareOptions options;
  options.device_class = name;
  return options;
}

/// A suite on a hosted runner: each process meets a machine of its own, and each case varies besides.
class HostedSuite {
 public:
  explicit HostedSuite(std::uint64_t seed) : random_(seed) {}

  /// `change` of the first case's log time.
  Side side(int processes, int cases, double machine_sd, double own_sd, double change = 0) {
    Side side;
    side.device_kind = "cpu";
    side.source = "another tool";
    side.fingerprint = {{"identity", {{"num_cpus", 4}}}};
    for (int k = 0; k < cases; ++k) {
      side.cases.emplace_back();
      side.cases.back().name = fmt::format("case{:02}", k);
    }
    for (int i = 0; i < processes; ++i) {
      const double machine = machine_sd * normal_(random_);
      for (int k = 0; k < cases; ++k) {
        const double y = machine + own_sd * normal_(random_) + (k == 0 ? change : 0);
        const double s = 1e-3 * (1 + k) * std::exp(y);
        side.cases[static_cast<std::size_t>(k)].runs.push_back({s, s * 0.999, s * 1.001, 9});
      }
    }
    return side;
  }

 private:
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
};

TEST(Hosted, OneProcessASideIsNoRegressionHoweverLarge) {
  HostedSuite suite(1);
  const Side base = suite.side(1, 12, 0, 0.01), slow = suite.side(1, 12, 0, 0.01, std::log(3.0));
  const Comparison found = compare(base, slow, {});
  EXPECT_EQ(found.cases[0].verdict, Verdict::possible);
  EXPECT_THAT(found.cases[0].reason, HasSubstr("kernelgate compare base1,base2,base3 new1,new2,new3"));
  EXPECT_EQ(found.exit_code(false), ExitCode::good);
  EXPECT_EQ(found.exit_code(true), ExitCode::inconclusive);
  EXPECT_EQ(compare(slow, base, {}).cases[0].verdict, Verdict::possible);
  EXPECT_EQ(compare(base, slow, of_class("own")).cases[0].verdict, Verdict::slower);
  EXPECT_THROW(compare(base, slow, of_class("mine")), HarnessError);
  Side of_gpu = slow;
  of_gpu.device_kind = "cuda";
  EXPECT_THROW(compare(of_gpu, of_gpu, of_class("own")), HarnessError);
}

TEST(Hosted, ThreeProcessesASideFindWhatIsBesideTheMachine) {
  int found = 0, false_calls = 0;
  constexpr int trials = 60;
  for (std::uint64_t seed = 0; seed < trials; ++seed) {
    HostedSuite suite(seed);
    const Comparison changed = compare(suite.side(3, 20, 0.1, 0.01), suite.side(3, 20, 0.1, 0.01, std::log(1.1)), {});
    found += changed.cases[0].verdict == Verdict::slower;
    for (std::size_t k = 1; k < changed.cases.size(); ++k)
      false_calls += changed.cases[k].verdict == Verdict::slower || changed.cases[k].verdict == Verdict::faster;
  }
  EXPECT_GE(found, trials * 8 / 10) << "ten of the cases' own deviations, one of the machines'";
  EXPECT_LE(false_calls, 2);
}

TEST(Hosted, AMachineThatIsSlowerIsSaidOnceAndCallsNoCase) {
  HostedSuite suite(3);
  Side base = suite.side(3, 12, 0, 0.01), fresh = suite.side(3, 12, 0, 0.01);
  std::mt19937_64 random(4);
  std::uniform_real_distribution<double> about(1.1, 1.5);
  for (SideCase& one : fresh.cases) {
    const double factor = about(random);
    for (RunSummary& run : one.runs)
      for (auto field : {&RunSummary::median_s, &RunSummary::q1_s, &RunSummary::q3_s}) run.*field *= factor;
  }
  const Comparison found = compare(base, fresh, {});
  EXPECT_THAT(found.environment_shift, HasSubstr("12 of 12 cases moved the same way"));
  EXPECT_EQ(found.exit_code(false), ExitCode::good);
}

TEST(Hosted, WhatStayedWhileTheRestGotFasterIsNoRegression) {
  HostedSuite suite(5);
  Side base = suite.side(3, 12, 0, 0.005), fresh = suite.side(3, 12, 0, 0.005);
  for (std::size_t k = 0; k < 9; ++k)
    for (RunSummary& run : fresh.cases[k].runs)
      for (auto field : {&RunSummary::median_s, &RunSummary::q1_s, &RunSummary::q3_s}) run.*field *= 0.7;
  const Comparison found = compare(base, fresh, {});
  EXPECT_EQ(found.exit_code(false), ExitCode::good);
  EXPECT_EQ(found.cases[10].verdict, Verdict::possible);
  EXPECT_THAT(found.cases[10].reason, HasSubstr("but in all it took"));
}

TEST(Hosted, MoreFilesNeverSayLess) {
  // Files that scatter by less than is declared, by what is declared, and single values.
  for (const char* kind : {"cpu", "cuda"})
    for (double sd : {0.0, 0.002, 0.003})
      for (std::size_t samples : {1U, 3U, 9U}) {
        StudentTable table;
        double before = 1e9;
        for (std::size_t files = 1; files <= 20; ++files) {
          std::vector<RunSummary> side;
          for (std::size_t i = 0; i < files; ++i) {
            // As evenly spread as so many are.
            const double z = files == 1 ? 0 : -1 + 2.0 * static_cast<double>(i) / static_cast<double>(files - 1);
            const double s = 1e-3 * std::exp(sd * z);
            side.push_back(run_of_samples(std::vector<double>(samples, s)));
          }
          std::vector<Evidence> suite(25, weigh(side, side, device_class(kind), {}));
          const double finds = decide(suite, {}, device_class(kind), {}, table).front().detectable_ratio;
          EXPECT_LE(finds, before + 1e-12) << kind << " " << sd << " " << samples << " " << files;
          before = finds;
        }
      }
}

TEST(CommonMode, IsWhatTheMiddleCaseMovesBy) {
  const auto run = [](double s) { return RunSummary{s, s, s, 9}; };
  std::vector<std::vector<RunSummary>> cases;
  for (int k = 0; k < 9; ++k) {
    const double level = 1 + k;
    cases.push_back({run(level), run(level * 1.2), run(level * 0.9)});
  }
  cases[4][2] = run(5 * 0.9 * 1.5);
  std::vector<std::vector<RunSummary>*> pointers;
  for (auto& one : cases) pointers.push_back(&one);
  take_off_common(pointers);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(cases[0][i].median_s, 1, 1e-12) << "the middle process is the level";
  EXPECT_NEAR(cases[4][2].median_s / cases[4][0].median_s, 1.5, 1e-12) << "what is a case's own stays";
  std::vector<RunSummary> few{run(1), run(2)};
  take_off_common({&few});
  EXPECT_EQ(few[1].median_s, 2) << "one case is nobody's control";
}

TEST(Decide, AControlIsHeldAgainstWhatHolmLetACaseHave) {
  // Fifty cases, all slower by far: the last is tested at the full level, not at a fiftieth of it.
  std::vector<Evidence> suite(50);
  for (Evidence& one : suite) {
    one.effect = one.undisturbed = 1;
    one.se = one.own_se = 0.01;
    one.df = 30;
    one.base_units = one.new_units = 3;
    one.control = 0;
  }
  // z = 3 beyond the control: enough for one test at 1 %, not for the first of fifty.
  suite[7].effect = suite[7].undisturbed = 0.05;
  suite[7].control = 0.02;
  StudentTable table;
  const std::vector<Decision> decided = decide(suite, {}, device_class("cuda"), {}, table);
  EXPECT_EQ(decided[7].verdict, Verdict::slower) << decided[7].reason;
}

}  // namespace
}  // namespace kernelgate

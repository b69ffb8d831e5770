// The rule against truths that are known: single decisions by hand.

#include "harness/judge/compare/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include <fmt/format.h>

#include "harness/judge/compare/decision.h"
#include "harness/result/result_for_test.h"

namespace kernelgate {
namespace {

using for_test::made_case;
using for_test::made_result;
using ::testing::HasSubstr;

RunSummary run_of(double median_s) { return {median_s, 0.99 * median_s, 1.01 * median_s, 30, std::nullopt}; }

std::vector<RunSummary> runs_of(std::initializer_list<double> medians) {
  std::vector<RunSummary> runs;
  for (double m : medians) runs.push_back(run_of(m));
  return runs;
}

Decision decision_of(const std::vector<RunSummary>& base, const std::vector<RunSummary>& fresh,
                     const char* kind = "cpu") {
  StudentTable table;
  return decide(base, fresh, device_class(kind), {}, table);
}

TEST(Decide, NumbersAreThoseOfAnIndependentCalculation) {
  // numpy and scipy, from the formulas in compare.h. On a GPU: medians, pooled variance with n - 1, prior df 6
  // and sd 0.5 %, and 0.5 % for the night between them.
  const Decision d = decision_of(runs_of({1.00, 1.03, 0.98}), runs_of({1.15, 1.12}), "cuda");
  EXPECT_NEAR(d.ratio, 1.1349008767288886, 1e-12);
  EXPECT_NEAR(d.ratio_low, 1.0956602083402742, 1e-9);
  EXPECT_NEAR(d.ratio_high, 1.1755469352593224, 1e-9);
  EXPECT_NEAR(d.detectable_ratio, 1.0729251102671744, 1e-9);
  EXPECT_EQ(d.verdict, Verdict::slower);
  // On a CPU: lower quartiles of lower quartiles, the spread of the lower half, prior sd 1.2 %, and
  // 0.9 % for the night.
  const Decision c = decision_of(runs_of({1.00, 1.03, 0.98}), runs_of({1.15, 1.12}), "cpu");
  EXPECT_NEAR(c.ratio, 1.138872061912331, 1e-12);
  EXPECT_NEAR(c.ratio_low, 1.0886565207493601, 1e-9);
  EXPECT_NEAR(c.ratio_high, 1.1914038529908897, 1e-9);
  EXPECT_NEAR(c.detectable_ratio, 1.0932360643927022, 1e-9);
  EXPECT_EQ(c.verdict, Verdict::slower);
}

TEST(Decide, ItsProbabilitiesAreThoseOfAnIndependentCalculation) {
  // Student's upper tail by numerical integration, of ((effect -+ threshold) / SE, df), from the formulas in compare.h.
  const Decision d = decision_of(runs_of({1.00, 1.03, 0.98}), runs_of({1.02, 1.01}), "cuda");
  EXPECT_NEAR(d.p_slower, 0.256205983209, 1e-9);
  EXPECT_NEAR(d.p_faster, 0.898043504183, 1e-9);
  const Decision c = decision_of(runs_of({1.00, 1.03, 0.98}), runs_of({1.02, 1.01}), "cpu");
  EXPECT_NEAR(c.p_slower, 0.194311280834, 1e-9);
  EXPECT_NEAR(c.p_faster, 0.903768340778, 1e-9);
}

TEST(Decide, TheMirrorImageIsTheSameAndTheOtherWord) {
  // Each pair of sides, and the same with base and new swapped: logarithms change their sign, and nothing else does.
  const auto one = runs_of({1, 1.001, 0.999, 1.0005, 0.9995});
  for (const char* kind : {"cpu", "cuda"})
    for (double ratio : {1.0, 1.004, 1.006, 1.01, 1.02, 1.03, 1.05, 1.1, 2.0}) {
      SCOPED_TRACE(fmt::format("{} {}", kind, ratio));
      std::vector<RunSummary> other = one;
      for (RunSummary& run : other)
        for (auto field : {&RunSummary::median_s, &RunSummary::q1_s, &RunSummary::q3_s}) run.*field *= ratio;
      const Decision up = decision_of(one, other, kind), down = decision_of(other, one, kind);
      EXPECT_NEAR(up.p_slower, down.p_faster, 1e-12);
      EXPECT_NEAR(up.p_faster, down.p_slower, 1e-12);
      EXPECT_NEAR(up.ratio * down.ratio, 1, 1e-12);
      EXPECT_NEAR(up.ratio_low * down.ratio_high, 1, 1e-12);
      EXPECT_NEAR(up.ratio_high * down.ratio_low, 1, 1e-12);
      EXPECT_NEAR(up.detectable_ratio, down.detectable_ratio, 1e-12);
      const Verdict mirrored = up.verdict == Verdict::slower   ? Verdict::faster
                               : up.verdict == Verdict::faster ? Verdict::slower
                                                               : up.verdict;
      EXPECT_EQ(down.verdict, mirrored);
      EXPECT_EQ(up.possibly, down.possibly);
    }
}

TEST(Decide, AChangeBelowTheThresholdIsNeitherWord) {
  // Known to a hair, so that the threshold alone decides: 0.4 % is none, 0.8 % is one, each way.
  const auto sure = [](double level) {
    std::vector<RunSummary> runs;
    for (int night = 0; night < 60; ++night)
      for (int i = 0; i < 4; ++i) {
        runs.push_back({level, 0.99999 * level, 1.00001 * level, 1000, std::nullopt});
        runs.back().night = fmt::format("2026-{:02}-{:02}", 1 + night / 28, 1 + night % 28);
      }
    return runs;
  };
  EXPECT_NE(decision_of(sure(1), sure(1.004), "cuda").verdict, Verdict::slower);
  EXPECT_NE(decision_of(sure(1.004), sure(1), "cuda").verdict, Verdict::faster);
  EXPECT_EQ(decision_of(sure(1), sure(1.008), "cuda").verdict, Verdict::slower);
  EXPECT_EQ(decision_of(sure(1.008), sure(1), "cuda").verdict, Verdict::faster);
  EXPECT_GT(decision_of(sure(1), sure(1.004), "cuda").p_slower, 0.5);
  EXPECT_GT(decision_of(sure(1.004), sure(1), "cuda").p_faster, 0.5);
}

TEST(Decide, DirectionIsNewOverBase) {
  EXPECT_EQ(decision_of(runs_of({1, 1, 1}), runs_of({1.2, 1.2, 1.2})).verdict, Verdict::slower);
  EXPECT_EQ(decision_of(runs_of({1.2, 1.2, 1.2}), runs_of({1, 1, 1})).verdict, Verdict::faster);
  const auto five = runs_of({1, 1.001, 0.999, 1.0005, 0.9995});
  EXPECT_EQ(decision_of(five, five).verdict, Verdict::same);
}

TEST(Decide, OneRunASideCallsTenPercentAndNotFive) {
  EXPECT_EQ(decision_of(runs_of({1}), runs_of({1.10})).verdict, Verdict::slower);
  EXPECT_EQ(decision_of(runs_of({1.10}), runs_of({1})).verdict, Verdict::faster);
  const Decision small = decision_of(runs_of({1}), runs_of({1.05}));
  EXPECT_EQ(small.verdict, Verdict::inconclusive);
  EXPECT_THAT(small.reason, HasSubstr("nights a side would decide"));
  EXPECT_GT(small.detectable_ratio, 1.05);
  EXPECT_LT(small.detectable_ratio, 1.10);
  EXPECT_EQ(decision_of(runs_of({1}), runs_of({1})).verdict, Verdict::inconclusive) << "one run can't show equality";
}

/// So many nights of two runs; the nights' sample sd is close to the 1.3 % that is declared of such a night on a CPU.
std::vector<RunSummary> nights_of(std::size_t n, double level) {
  std::vector<RunSummary> runs;
  for (std::size_t i = 0; i < 2 * n; ++i) {
    runs.push_back(run_of(level * std::exp((i / 2 % 2 ? 1 : -1) * 0.013)));
    runs.back().night = "2026-01-" + std::to_string(10 + i / 2);
  }
  return runs;
}

TEST(Decide, SeveralNightsOfEitherSideMakeTheNightTheUnit) {
  const auto unit = [](const std::vector<RunSummary>& base, const std::vector<RunSummary>& fresh) {
    return weigh(base, fresh, device_class("cpu"), {}).unit;
  };
  EXPECT_EQ(unit(nights_of(1, 1), nights_of(1, 1)), Unit::run);
  EXPECT_EQ(unit(nights_of(2, 1), nights_of(1, 1)), Unit::night);
  EXPECT_EQ(unit(nights_of(1, 1), nights_of(2, 1)), Unit::night);
}

TEST(Decide, WhatItWouldTakeIsTrue) {
  // The number in the reason, tried: about that many such nights decide.
  const Decision first = decision_of(nights_of(1, 1), nights_of(1, 1.04));
  ASSERT_EQ(first.verdict, Verdict::inconclusive);
  const auto at = first.reason.find("about ");
  ASSERT_NE(at, std::string::npos) << first.reason;
  const auto needed = static_cast<std::size_t>(std::stoi(first.reason.substr(at + 6)));
  EXPECT_GT(needed, 2u);
  EXPECT_LT(needed, 20u);
  EXPECT_EQ(decision_of(nights_of(needed + 2, 1), nights_of(needed + 2, 1.04)).verdict, Verdict::slower);
}

TEST(Decide, ANoisyRunIsNoEvidence) {
  // Between runs: one run a side is far off, so the spread swallows the change.
  EXPECT_EQ(decision_of(runs_of({1, 1, 1.6}), runs_of({1.1, 1.1, 1.7}), "cuda").verdict, Verdict::inconclusive);
  // Within a run: six samples spread over 40 % don't know their own median to 10 %.
  RunSummary wide{1, 0.8, 1.2, 6, std::nullopt}, slow{1.1, 0.88, 1.32, 6, std::nullopt};
  EXPECT_EQ(decision_of({wide}, {slow}).verdict, Verdict::inconclusive);
}

TEST(Decide, ANeighboursLoadIsNotSlowerCode) {
  // On a GPU the fastest samples of each run tell.
  RunSummary before = run_of(1), now{1.3, 1.01, 1.4, 1000, std::nullopt};
  const Decision d = decision_of({before, before, before}, {now, now, now}, "cuda");
  EXPECT_EQ(d.verdict, Verdict::inconclusive);
  EXPECT_THAT(d.reason, HasSubstr("neighbour"));
  now.q1_s = 1.2;
  EXPECT_EQ(decision_of({before, before, before}, {now, now, now}, "cuda").verdict, Verdict::slower);
}

TEST(Decide, OnACpuDisturbedRunsHideNothingAndShowNothing) {
  // Two of five runs disturbed on either side: no change.
  const auto calm = runs_of({1, 1.001, 1.002, 1.003, 1.004}), disturbed = runs_of({1.001, 1.5, 1.002, 1.003, 1.9});
  EXPECT_EQ(decision_of(calm, disturbed).verdict, Verdict::same);
  EXPECT_EQ(decision_of(disturbed, calm).verdict, Verdict::same);
  // A real slowdown is in the undisturbed runs too.
  EXPECT_EQ(decision_of(disturbed, runs_of({1.1, 1.102, 1.4, 1.9, 1.101})).verdict, Verdict::slower);
  // Four of five disturbed alike: the best run tells that the code is not slower.
  const Decision d = decision_of(calm, runs_of({1, 1.2, 1.2, 1.2, 1.2}));
  EXPECT_EQ(d.verdict, Verdict::inconclusive);
  EXPECT_THAT(d.reason, HasSubstr("neighbour"));
}

TEST(Decide, SlowerInSecondsButNotInCyclesIsClocks) {
  RunSummary before = run_of(1), throttled = run_of(1.2), slower = run_of(1.2);
  before.clock_hz = 1.8e9;
  throttled.clock_hz = 1.5e9;
  slower.clock_hz = 1.8e9;
  const Decision d = decision_of({before, before}, {throttled, throttled}, "cuda");
  EXPECT_EQ(d.verdict, Verdict::inconclusive);
  EXPECT_TRUE(d.clocks);
  EXPECT_EQ(decision_of({before, before}, {slower, slower}, "cuda").verdict, Verdict::slower);
  throttled.clock_hz.reset();  // not known on one side: time alone decides
  EXPECT_EQ(decision_of({before, before}, {throttled, throttled}, "cuda").verdict, Verdict::slower);
}

std::vector<RunSummary> with_control(std::vector<RunSummary> runs, double control_s) {
  for (RunSummary& run : runs) run.control_s = control_s;
  return runs;
}

TEST(Decide, WhatTheControlTookTooIsTheMachine) {
  const auto base = with_control(runs_of({1, 1.001, 1.002}), 1e-4);
  const auto slow = runs_of({1.3, 1.301, 1.302});
  const Decision machine = decision_of(base, with_control(slow, 1.3e-4));
  EXPECT_EQ(machine.verdict, Verdict::inconclusive);
  EXPECT_TRUE(machine.environment);
  EXPECT_NEAR(machine.control_ratio.value(), 1.3, 1e-12);
  EXPECT_THAT(machine.reason, HasSubstr("+30.0 %, but the control, a fixed work measured beside it, took +30.0 % too"));
  EXPECT_EQ(decision_of(base, with_control(slow, 1e-4)).verdict, Verdict::slower) << "the control did not move";
  EXPECT_EQ(decision_of(base, with_control(slow, 1.1e-4)).verdict, Verdict::slower) << "it explains a third of it";
  EXPECT_EQ(decision_of(base, with_control(slow, 0.8e-4)).verdict, Verdict::slower) << "it moved the other way";
  EXPECT_EQ(decision_of(base, slow).verdict, Verdict::slower) << "not known on one side: time alone decides";
  // The mirror image.
  const auto slow_base = with_control(slow, 1.3e-4);
  const Decision recovered = decision_of(slow_base, base);
  EXPECT_EQ(recovered.verdict, Verdict::inconclusive);
  EXPECT_TRUE(recovered.environment);
  EXPECT_EQ(decision_of(with_control(slow, 1e-4), base).verdict, Verdict::faster);
  EXPECT_EQ(decision_of(with_control(slow, 0.8e-4), base).verdict, Verdict::faster);
  // A faster machine makes no code slower.
  EXPECT_NE(decision_of(base, with_control(runs_of({1, 1.001, 1.002}), 0.5e-4)).verdict, Verdict::slower);
}

Result with_level(double level, int runs = 3) {
  std::vector<std::vector<double>> samples;
  for (int r = 0; r < runs; ++r) {
    const double run = level * (1 + 0.001 * r);
    samples.push_back({run, 0.999 * run, 1.001 * run, 0.998 * run, 1.002 * run});
  }
  return made_result({made_case("onednn", samples)});
}

Verdict only_verdict(const Comparison& comparison) {
  EXPECT_EQ(comparison.cases.size(), 1u);
  return comparison.cases.at(0).verdict;
}

TEST(Compare, VerdictsAndExitCodes) {
  const Comparison same = compare(with_level(1e-3), with_level(1e-3), {});
  EXPECT_EQ(only_verdict(same), Verdict::same);
  EXPECT_EQ(same.exit_code(true), ExitCode::good);
  const Comparison slower = compare(with_level(1e-3), with_level(1.1e-3), {});
  EXPECT_EQ(only_verdict(slower), Verdict::slower);
  EXPECT_NEAR(*slower.cases[0].ratio, 1.1, 1e-9);
  EXPECT_NEAR(*slower.cases[0].base_s, 0.999e-3 * std::sqrt(1.001), 1e-12) << "the quartile that decides, of a CPU";
  EXPECT_NEAR(*slower.cases[0].new_s / *slower.cases[0].base_s, *slower.cases[0].ratio, 1e-12);
  EXPECT_EQ(slower.cases[0].new_runs, 3);
  EXPECT_EQ(slower.exit_code(false), ExitCode::regression);
  const Comparison faster = compare(with_level(1.1e-3), with_level(1e-3), {});
  EXPECT_EQ(only_verdict(faster), Verdict::faster);
  EXPECT_EQ(faster.exit_code(true), ExitCode::good);
  const Comparison unclear = compare(with_level(1e-3, 1), with_level(1.03e-3, 1), {});
  EXPECT_EQ(only_verdict(unclear), Verdict::inconclusive);
  EXPECT_EQ(unclear.exit_code(false), ExitCode::good);
  EXPECT_EQ(unclear.exit_code(true), ExitCode::inconclusive);
}

/// Several cases, each with a control in every run.
Result suite_with_control(double level, const std::vector<double>& controls_s) {
  std::vector<CaseResult> cases;
  for (double control_s : controls_s) {
    cases.push_back(with_level(level).cases[0]);
    cases.back().name += std::to_string(cases.size());
    for (CaseRun& run : cases.back().runs) run.control_s.assign(4, control_s);
  }
  return made_result(std::move(cases));
}

TEST(Compare, SaysOnceThatTheMachineIsAnother) {
  const Result base = suite_with_control(1e-3, {1, 1, 1, 1});
  const Comparison half = compare(base, suite_with_control(1.2e-3, {1.2, 1.3, 1.02, 0.9}), {});
  EXPECT_EQ(half.cases[0].verdict, Verdict::inconclusive);
  EXPECT_EQ(half.cases[0].attribution, "environment");
  EXPECT_EQ(half.cases[2].verdict, Verdict::slower);
  EXPECT_EQ(half.cases[3].verdict, Verdict::slower);
  EXPECT_THAT(half.environment_shift, HasSubstr("+24.9 % (median of 2 of 4 cases): the machine was slower"));
  const Comparison down = compare(base, suite_with_control(1e-3, {0.8, 0.8, 1, 1}), {});
  EXPECT_THAT(down.environment_shift, HasSubstr("-20.0 % (median of 2 of 4 cases): the machine was faster"));
  for (const std::vector<double>& calm :
       {std::vector<double>{1.2, 1, 1, 1}, {1.02, 1.02, 1.02, 1.02}, {1.2, 1.02, 1, 0.8}})
    EXPECT_EQ(compare(base, suite_with_control(1e-3, calm), {}).environment_shift, "");
  EXPECT_EQ(compare(with_level(1e-3), with_level(1.2e-3), {}).environment_shift, "") << "no control";
  // Those that lack one don't count.
  Result some = suite_with_control(1.2e-3, {1.2, 1, 1, 1});
  for (std::size_t i = 1; i < 4; ++i) some.cases[i].runs[0].control_s.clear();
  const Comparison alone = compare(base, some, {});
  EXPECT_THAT(alone.environment_shift, HasSubstr("1 of 1 cases"));
  const nlohmann::json document = to_json(alone, false);
  EXPECT_EQ(document["environment_shift"], alone.environment_shift);
  EXPECT_NEAR(document["cases"][0]["control_ratio"].get<double>(), 1.2, 1e-9);
  EXPECT_TRUE(document["cases"][1]["control_ratio"].is_null());
}

TEST(Compare, ThresholdIsHonoured) {
  CompareOptions options;
  options.threshold = 0.2;
  EXPECT_EQ(only_verdict(compare(with_level(1e-3), with_level(1.1e-3), options)), Verdict::same);
  options.threshold = -0.1;
  EXPECT_THROW(compare(with_level(1e-3), with_level(1e-3), options), HarnessError);
}

TEST(Compare, WhatIsNotMeasuredIsNoPass) {
  const auto with = [](CaseStatus status) {
    Result result = with_level(1e-3);
    result.cases[0].status = status;
    result.cases[0].reason = "because";
    return result;
  };
  const Result good = with_level(1e-3);
  EXPECT_EQ(only_verdict(compare(good, with(CaseStatus::skipped), {})), Verdict::skipped);
  EXPECT_EQ(compare(good, with(CaseStatus::skipped), {}).exit_code(false), ExitCode::nothing);
  EXPECT_EQ(only_verdict(compare(good, with(CaseStatus::invalid), {})), Verdict::invalid);
  EXPECT_EQ(compare(good, with(CaseStatus::invalid), {}).exit_code(false), ExitCode::invalid);
  EXPECT_EQ(only_verdict(compare(good, with(CaseStatus::wrong), {})), Verdict::invalid);
  EXPECT_EQ(compare(good, with(CaseStatus::wrong), {}).exit_code(false), ExitCode::wrong);
  for (CaseStatus status : {CaseStatus::skipped, CaseStatus::invalid, CaseStatus::wrong, CaseStatus::error}) {
    EXPECT_EQ(only_verdict(compare(with(status), good, {})), Verdict::no_baseline);
    EXPECT_EQ(compare(with(status), good, {}).exit_code(true), ExitCode::good);
  }
}

TEST(Compare, BadSamplesAreInvalid) {
  const Result good = with_level(1e-3);
  for (const std::vector<double>& samples : {std::vector<double>{1, 1, 1, 1},
                                             {},
                                             {1, 1, 1, 1, 0},
                                             {1, 1, 1, 1, -1},
                                             {1, 1, 1, 1, 1e-10},
                                             std::vector<double>(1, 5)}) {
    const Result bad = made_result({made_case("onednn", {samples})});
    EXPECT_EQ(only_verdict(compare(good, bad, {})), Verdict::invalid);
    EXPECT_EQ(only_verdict(compare(bad, good, {})), Verdict::no_baseline);
  }
  EXPECT_EQ(only_verdict(compare(good, made_result({made_case("onednn", {})}), {})), Verdict::invalid);
}

TEST(Compare, CasesOfOneSideOnly) {
  const Result one = with_level(1e-3);
  Result two = one;
  two.cases.push_back(made_case("naive", {{1, 1, 1, 1, 1}}));
  const Comparison more = compare(one, two, {});
  EXPECT_EQ(more.cases[1].verdict, Verdict::no_baseline);
  EXPECT_EQ(more.exit_code(true), ExitCode::good);
  const Comparison fewer = compare(two, one, {});
  ASSERT_EQ(fewer.cases.size(), 2u);
  EXPECT_EQ(fewer.cases[1].verdict, Verdict::not_comparable);
  EXPECT_THAT(fewer.cases[1].reason, HasSubstr("missing"));
  EXPECT_EQ(fewer.exit_code(false), ExitCode::refused);
  CompareOptions subset;
  subset.subset = true;
  EXPECT_EQ(compare(two, one, subset).cases.size(), 1u);
}

TEST(Compare, AnotherProblemUnderTheSameNameIsRefused) {
  Result other = with_level(1e-3);
  other.cases[0].flop *= 2;
  EXPECT_EQ(only_verdict(compare(with_level(1e-3), other, {})), Verdict::not_comparable);
}

TEST(Compare, DifferentEnvironmentsAreRefusedUnlessDeclared) {
  Result base = with_level(1e-3), fresh = with_level(1.2e-3);
  base.fingerprint["identity"]["driver"] = "580.65.06";
  fresh.fingerprint["identity"]["driver"] = "590.10";
  const Comparison refused = compare(base, fresh, {});
  EXPECT_EQ(only_verdict(refused), Verdict::not_comparable);
  EXPECT_EQ(refused.exit_code(false), ExitCode::refused);
  EXPECT_THAT(refused.differences, ::testing::ElementsAre("driver: 580.65.06 -> 590.10"));
  CompareOptions options;
  options.vary = {"driver"};
  const Comparison allowed = compare(base, fresh, options);
  EXPECT_EQ(only_verdict(allowed), Verdict::slower);
  EXPECT_EQ(allowed.cases[0].attribution, "environment");
  EXPECT_EQ(allowed.declared.size(), 1u);
  base.fingerprint["identity"]["cuda_driver_api"] = "13.0";
  fresh.fingerprint["identity"]["cuda_driver_api"] = "13.1";
  EXPECT_EQ(only_verdict(compare(base, fresh, options)), Verdict::slower) << "the driver brings its CUDA version";
  fresh.fingerprint["identity"]["cores"] = 3;
  EXPECT_EQ(only_verdict(compare(base, fresh, options)), Verdict::not_comparable);
  options.vary = {"drvier"};
  EXPECT_THROW(compare(base, fresh, options), HarnessError);
}

TEST(Compare, AFieldThatOneSideLacksIsADifference) {
  Result base = with_level(1e-3), fresh = with_level(1e-3);
  fresh.fingerprint["identity"]["mig"] = true;
  EXPECT_EQ(compare(base, fresh, {}).differences.size(), 1u);
  EXPECT_EQ(compare(fresh, base, {}).differences.size(), 1u);
  base.fingerprint = nullptr;
  fresh.fingerprint = nullptr;
  EXPECT_EQ(only_verdict(compare(base, fresh, {})), Verdict::not_comparable);
}

TEST(Compare, ACpuNeverMeetsAGpu) {
  Result gpu = with_level(1e-3);
  gpu.device_kind = "cuda";
  CompareOptions options;
  options.vary = {"cores", "cpu_model"};
  EXPECT_EQ(only_verdict(compare(with_level(1e-3), gpu, options)), Verdict::not_comparable);
}

TEST(Compare, AttributesWhatItCan) {
  Result slow = with_level(1.2e-3);
  EXPECT_EQ(compare(with_level(1e-3), slow, {}).cases[0].attribution, "");
  slow.build["commit"] = "fedcba987654";
  EXPECT_EQ(compare(with_level(1e-3), slow, {}).cases[0].attribution, "code");
  slow.cases[0].injected = true;
  EXPECT_EQ(compare(with_level(1e-3), slow, {}).cases[0].attribution, "injected");
}

TEST(Compare, JsonSaysTheSame) {
  const nlohmann::json document = to_json(compare(with_level(1e-3), with_level(1.1e-3), {}), false);
  EXPECT_EQ(document["exit_code"], 3);
  EXPECT_EQ(document["cases"][0]["verdict"], "SLOWER");
  EXPECT_NEAR(document["cases"][0]["ratio"].get<double>(), 1.1, 1e-9);
}

}  // namespace
}  // namespace kernelgate

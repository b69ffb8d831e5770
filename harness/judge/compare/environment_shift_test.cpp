#include "harness/judge/compare/environment_shift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>

#include <fmt/format.h>

#include "harness/judge/compare/compare.h"
#include "harness/statistics/rates_for_test.h"

namespace kernelgate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::array names{"alu", "tensor_core", "dram_copy", "launch"};

/// How a side's controls are made: log-normal between runs and between first and last.
struct Machine {
  std::string kind = "cuda";
  int runs = 5;
  double run_sd = 0.003, within_sd = 0.002;
  std::array<double, 4> ratio{1, 1, 1, 1};  ///< of each control
  std::array<double, 4> drift{1, 1, 1, 1};  ///< last over first
  std::vector<std::string> nights{"2026-01-01"};
  double night_sd = 0;
};

Side made_side(const Machine& machine, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  Side side;
  side.device_kind = machine.kind;
  side.cases.resize(1);
  for (const std::string& night : machine.nights)
    for (std::size_t k = 0; k < names.size(); ++k) {
      const double of_night = machine.night_sd * normal(random);
      for (int run = 0; run < machine.runs; ++run) {
        const double level =
            std::log(1e-4 * static_cast<double>(k + 1) * machine.ratio[k]) + of_night + machine.run_sd * normal(random);
        const double first = level + machine.within_sd * normal(random);
        const double last = level + std::log(machine.drift[k]) + machine.within_sd * normal(random);
        side.controls.push_back({names[k], std::exp(first), std::exp(last), night});
      }
    }
  return side;
}

EnvironmentShift shift_between(const Machine& base, const Machine& fresh, std::uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  const Side before = made_side(base, random);
  return environment_shift(before, made_side(fresh, random), {});
}

/// How often anything is called moved, in `count` comparisons.
double shift_rate(const Machine& base, const Machine& fresh, int count) {
  int shifts = 0;
  std::mt19937_64 random(7);
  for (int i = 0; i < count; ++i) {
    const Side before = made_side(base, random);
    shifts += environment_shift(before, made_side(fresh, random), {}).text.empty() ? 0 : 1;
  }
  return static_cast<double>(shifts) / count;
}

TEST(EnvironmentShift, NamesEachControlThatMovedAndNoOther) {
  const std::array suspects{"SM clock", "power cap", "memory clock or ECC", "driver"};
  for (std::size_t k = 0; k < names.size(); ++k)
    for (double ratio : {1.25, 0.8}) {
      Machine moved;
      moved.ratio[k] = ratio;
      const EnvironmentShift shift = shift_between({}, moved);
      EXPECT_THAT(shift.text, AllOf(HasSubstr(names[k]), HasSubstr(suspects[k])));
      EXPECT_EQ(!shift.slower.name.empty(), ratio > 1);
      EXPECT_EQ(!shift.faster.name.empty(), ratio < 1);
      ASSERT_EQ(shift.controls.size(), 4u);
      for (const ControlMove& one : shift.controls) {
        EXPECT_EQ(one.moved, one.name == names[k]) << one.name;
        EXPECT_FALSE(one.drifted);
        EXPECT_NEAR(one.ratio, one.name == names[k] ? ratio : 1, 0.02);
      }
    }
}

TEST(EnvironmentShift, SaysTheChangeAndItsSuspect) {
  Machine moved;
  moved.run_sd = moved.within_sd = 0;
  moved.ratio[2] = 1.061;
  Machine base = moved;
  base.ratio[2] = 1;
  EXPECT_EQ(shift_between(base, moved).text, "dram_copy +6.1 %: memory clock or ECC");
  moved.kind = "cpu";
  EXPECT_EQ(shift_between(base, moved).text, "") << "a CPU's memory is noisier than that";
  moved.ratio[2] = 1.5;
  EXPECT_THAT(shift_between(base, moved).text, HasSubstr("dram_copy +50.0 %: memory bandwidth"));
}

TEST(EnvironmentShift, SeesWhatMovesWhileTheCasesRun) {
  for (std::size_t k = 0; k < names.size(); ++k) {
    Machine warming;
    warming.drift[k] = 1.3;
    const EnvironmentShift shift = shift_between({}, warming);
    EXPECT_THAT(shift.text, HasSubstr(std::string(names[k]) + " +"));
    EXPECT_THAT(shift.text, HasSubstr("from first to last"));
    for (const ControlMove& one : shift.controls) EXPECT_EQ(one.drifted, one.name == names[k]) << one.name;
    // One that does so on both sides is how this machine is.
    EXPECT_EQ(shift_between(warming, warming).text, "");
  }
}

TEST(EnvironmentShift, WhatIsWithinThreePercentOrWithinTheNoiseIsNone) {
  Machine near;
  near.ratio = {1.02, 1.02, 0.98, 1.02};
  EXPECT_EQ(shift_between({}, near).text, "");
  Machine noisy;
  noisy.run_sd = 0.2;
  Machine noisy_and_moved = noisy;
  noisy_and_moved.ratio = {1.1, 1.1, 1.1, 1.1};
  EXPECT_EQ(shift_between(noisy, noisy_and_moved).text, "");
  noisy_and_moved.ratio[0] = 4;
  EXPECT_THAT(shift_between(noisy, noisy_and_moved).text, HasSubstr("alu"));
}

TEST(EnvironmentShift, OneRunASideKnowsItsNoiseFromFirstAndLast) {
  Machine one;
  one.runs = 1;
  one.kind = "cpu";
  one.within_sd = 0.3;
  EXPECT_LT(shift_rate(one, one, 1000), 0.02);
  Machine calm = one;
  calm.within_sd = 0.001;
  Machine moved = calm;
  moved.ratio[0] = 1.3;
  EXPECT_GT(shift_rate(calm, moved, 200), 0.95);
}

TEST(EnvironmentShift, AnUnchangedMachineIsSeldomCalledAnother) {
  const int count = for_test::trials(2000, 400);
  // At most 1 % by design; 1.7 % is three standard errors of 2000 above it.
  const double most = for_test::thorough() ? 0.017 : static_cast<double>(for_test::most_hits(count, 0.01)) / count;
  for (const char* kind : {"cuda", "cpu"})
    for (int runs : {1, 2, 3, 5, 10})
      for (double sd : {0.003, 0.02, 0.05}) {
        const double prior = kind == std::string("cuda") ? 0.005 : 0.02;
        if (runs < 3 && sd > prior) continue;  // there the prior is all that is known
        Machine machine;
        machine.kind = kind;
        machine.runs = runs;
        machine.run_sd = sd;
        machine.within_sd = sd / 2;
        const double rate = shift_rate(machine, machine, count);
        RecordProperty(fmt::format("{}_{}_runs_sd_{}", kind, runs, sd), fmt::format("{:.4f}", rate));
        EXPECT_LE(rate, most) << kind << " " << runs << " runs, sd " << sd;
      }
}

TEST(EnvironmentShift, WithSeveralNightsTheNightIsTheUnit) {
  Machine base;
  base.nights = {"01", "02", "03", "04", "05", "06", "07"};
  base.night_sd = 0.05;
  Machine tonight = base;
  tonight.nights = {"08"};
  const double rate = shift_rate(base, tonight, 2000);
  RecordProperty("rate", fmt::format("{:.4f}", rate));
  EXPECT_LE(rate, 0.017);
  tonight.ratio[1] = 1.6;
  EXPECT_THAT(shift_between(base, tonight).text, HasSubstr("tensor_core"));
}

TEST(EnvironmentShift, WhatOneSideLacksIsUnknownAndSaidOnce) {
  std::mt19937_64 random(1);
  const Side whole = made_side({}, random);
  Side none = whole, some = whole;
  none.controls.clear();
  std::erase_if(some.controls, [](const ControlSummary& one) { return one.name == "alu"; });
  const EnvironmentShift no_base = environment_shift(none, whole, {});
  EXPECT_EQ(no_base.text, "");
  EXPECT_EQ(no_base.unknown,
            "the base lacks alu, dram_copy, launch, tensor_core: whether the machine is the same is not known by them");
  EXPECT_TRUE(no_base.controls.empty());
  EXPECT_THAT(environment_shift(whole, some, {}).unknown, HasSubstr("the new side lacks alu:"));
  EXPECT_EQ(environment_shift(whole, some, {}).controls.size(), 3u);
  EXPECT_EQ(environment_shift(whole, whole, {}).unknown, "");
  EXPECT_EQ(environment_shift(none, none, {}).unknown, "") << "files from before there were any";
  none.cases.clear();
  EXPECT_EQ(environment_shift(none, whole, {}).unknown, "") << "nothing to compare with";
}

TEST(EnvironmentShift, TheControlBesideTheCasesIsSaidToo) {
  CaseVerdict slower;
  slower.control_ratio = 1.2;
  Machine moved;
  moved.ratio[0] = 1.2;
  std::mt19937_64 random(1);
  const Side base = made_side({}, random);
  const Side fresh = made_side(moved, random);
  const std::string both = environment_shift(base, fresh, {slower}).text;
  EXPECT_THAT(both, AllOf(HasSubstr("alu +"), HasSubstr("beside the cases, took +20.0 %")));
  const EnvironmentShift beside = environment_shift(base, base, {slower});
  EXPECT_THAT(beside.text, AllOf(HasSubstr("beside the cases"), Not(HasSubstr("alu"))));
  EXPECT_EQ(beside.slower.name, "") << "its say is in each case's own decision";
}

TEST(EnvironmentShift, ExplainsWhatMovedTheSameWay) {
  std::vector<CaseVerdict> cases(4);
  cases[0].verdict = Verdict::slower;
  cases[0].attribution = "code";
  cases[1].verdict = Verdict::faster;
  cases[1].attribution = "code";
  cases[2].verdict = Verdict::slower;
  cases[2].attribution = "injected";
  cases[3].verdict = Verdict::same;
  for (CaseVerdict& one : cases) one.reason = "why";
  const auto attribute = [&](const EnvironmentShift& shift, bool nothing_declared) {
    std::vector<CaseVerdict> seen = cases;
    attribute_to(shift, nothing_declared, seen);
    return seen;
  };
  EnvironmentShift shift;
  EXPECT_EQ(attribute(shift, true)[0].attribution, "code");
  EXPECT_FALSE(attribute(shift, true)[0].machine);
  shift.slower = {"dram_copy", std::log(1.06)};
  const std::vector<CaseVerdict> slower = attribute(shift, true);
  EXPECT_EQ(slower[0].attribution, "environment");
  EXPECT_TRUE(slower[0].machine);
  EXPECT_EQ(slower[0].reason, "why; the control kernel dram_copy took +6.0 % too: the machine moved; measure again");
  EXPECT_EQ(slower[1].attribution, "code");
  EXPECT_EQ(slower[1].reason, "why");
  EXPECT_EQ(slower[2].attribution, "injected");
  EXPECT_FALSE(slower[2].machine);
  EXPECT_EQ(slower[3].attribution, "");
  // What was declared to differ is what was asked about.
  const std::vector<CaseVerdict> declared = attribute(shift, false);
  EXPECT_EQ(declared[0].attribution, "environment");
  EXPECT_FALSE(declared[0].machine);
  EXPECT_EQ(declared[0].reason, "why; the control kernel dram_copy took +6.0 % too");
  // The mirror image: faster is nobody's fault.
  shift.slower = {};
  shift.faster = {"alu", std::log(0.9)};
  const std::vector<CaseVerdict> faster = attribute(shift, true);
  EXPECT_EQ(faster[0].attribution, "code");
  EXPECT_EQ(faster[1].attribution, "environment");
  EXPECT_FALSE(faster[1].machine);
  EXPECT_EQ(faster[1].reason, "why; the control kernel alu took -10.0 % too");
}

TEST(EnvironmentShift, SlowerByTheMachineIsToBeMeasuredAgain) {
  Machine quiet, slow;
  quiet.run_sd = quiet.within_sd = slow.run_sd = slow.within_sd = 0;
  slow.ratio[2] = 1.1;
  slow.ratio[0] = 1.05;
  std::mt19937_64 random(1);
  const auto with_case = [&](const Machine& machine, double level) {
    Side side = made_side(machine, random);
    side.fingerprint = {{"identity", {{"gpu_name", "test"}, {"driver", "580.1"}}}};
    SideCase& one = side.cases.at(0);
    one.name = one.op = "a";
    for (double run : {0.999, 1.0, 1.001})
      one.runs.push_back({level * run, 0.999 * level * run, 1.001 * level * run, 30});
    return side;
  };
  const Side base = with_case(quiet, 1e-3);
  const Comparison moved = compare(base, with_case(slow, 1.1e-3), {});
  EXPECT_EQ(moved.cases.at(0).verdict, Verdict::slower);
  EXPECT_THAT(moved.cases.at(0).reason, AllOf(HasSubstr("control kernel dram_copy took +10.0 %"), HasSubstr("again")));
  EXPECT_EQ(moved.exit_code(false), ExitCode::invalid);
  EXPECT_EQ(compare(base, with_case(quiet, 1.1e-3), {}).exit_code(false), ExitCode::regression);
  EXPECT_EQ(compare(base, with_case(slow, 1e-3), {}).exit_code(false), ExitCode::good) << "nothing got slower";
  Machine fast = slow;
  fast.ratio = {1, 1, 0.9, 1};
  EXPECT_EQ(compare(base, with_case(fast, 1.1e-3), {}).exit_code(false), ExitCode::regression) << "the other way";
  Side upgraded = with_case(slow, 1.1e-3);
  upgraded.fingerprint["identity"]["driver"] = "590.1";
  CompareOptions options;
  options.vary = {"driver"};
  const Comparison declared = compare(base, upgraded, options);
  EXPECT_EQ(declared.cases.at(0).verdict, Verdict::slower) << declared.cases.at(0).reason;
  EXPECT_EQ(declared.exit_code(false), ExitCode::regression);
}

}  // namespace
}  // namespace kernelgate

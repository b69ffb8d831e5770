// Decisions on drivers against truths that are known: single upgrades.

#include "harness/judge/driver/upgrade.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "harness/judge/driver/simulated_upgrade_for_test.h"

namespace kernelgate {
namespace {

using for_test::SimulatedUpgrade;
using for_test::UpgradeModel;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

DriverUpgrade upgrade_of(UpgradeModel model, std::uint64_t seed = 1) {
  return SimulatedUpgrade(std::move(model), seed).upgrade();
}

UpgradeOptions strictly() {
  UpgradeOptions options;
  options.strict = true;
  return options;
}

std::vector<std::string> named(const UpgradeDecision& decision, Verdict verdict) {
  std::vector<std::string> names;
  for (const UpgradeCase& one : decision.cases)
    if (one.verdict.verdict == verdict) names.push_back(one.verdict.implementation);
  return names;
}

const UpgradeCase& case_of(const UpgradeDecision& decision, const std::string& implementation) {
  return *std::ranges::find_if(decision.cases,
                               [&](const UpgradeCase& one) { return one.verdict.implementation == implementation; });
}

TEST(Upgrade, FewerThanTwoBootsASideAreNotDecidedAndTheNextCommandIsSaid) {
  struct Row {
    int before, after;
    const char* next;
  };
  for (const Row& row : {Row{1, 0, "reboot, then: kernelgate driver before --append-boot"},
                         {2, 0, "install the new driver, reboot, then: kernelgate driver after"},
                         {2, 1, "reboot, then: kernelgate driver after --append-boot"},
                         {1, 2, "install the old driver, then: kernelgate driver before --append-boot"}}) {
    const DriverUpgrade upgrade =
        upgrade_of({.before_boots = row.before, .after_boots = row.after, .slower = {{3, 1.5}}});
    UpgradeOptions options;
    options.place = " --folder elsewhere";
    const UpgradeDecision decision = decide_upgrade(upgrade, options);
    EXPECT_EQ(decision.word, "NOT DECIDED YET");
    EXPECT_THAT(decision.sentence, HasSubstr("not decided yet: reboot and append"));
    EXPECT_EQ(decision.code, ExitCode::good);
    EXPECT_THAT(decision.next, HasSubstr(row.next));
    EXPECT_THAT(decision.next, HasSubstr("--folder elsewhere"));
    EXPECT_EQ(decide_upgrade(upgrade, strictly()).code, ExitCode::inconclusive);
  }
}

TEST(Upgrade, TwoBootsASideNameWhatIsFarSlower) {
  const UpgradeDecision decision =
      decide_upgrade(upgrade_of({.before_boots = 2, .after_boots = 2, .slower = {{3, 1.10}}}), {});
  EXPECT_EQ(decision.answer, UpgradeAnswer::slower);
  EXPECT_EQ(decision.code, ExitCode::regression);
  EXPECT_THAT(named(decision, Verdict::slower), ElementsAre("kernel03"));
  EXPECT_THAT(decision.sentence, HasSubstr("driver 590.44.01 instead of 580.95.05 1 of 40 cases are slower: "));
  EXPECT_THAT(decision.sentence, HasSubstr("nothing else is slower than +"));
  EXPECT_THAT(decision.sentence, HasSubstr("(sure to 95 %)"));
  EXPECT_EQ(case_of(decision, "kernel03").verdict.unit, "boot");
  EXPECT_THAT(decision.next, HasSubstr("kernelgate driver back"));
}

TEST(Upgrade, TheSpreadBetweenBootsIsTheNoiseAndNotThatBetweenRuns) {
  // Every case of the second driver's boots is slower by what boots of the first differ by: no driver did that.
  const UpgradeDecision decision = decide_upgrade(
      upgrade_of({.before_boots = 5, .after_boots = 5, .runs = 20, .run = 0.0005, .boot = 0.02, .together = 0}), {});
  EXPECT_THAT(named(decision, Verdict::slower), IsEmpty());
  EXPECT_GT(*decision.at_most, 1.02);
}

TEST(Upgrade, WhatARebootResetsIsSaidFirstWithItsRemedy) {
  struct Row {
    const char *part, *field;
    nlohmann::json value;
    const char* remedy;
  };
  for (const Row& row : {Row{"covariates", "persistence", false, "sudo nvidia-smi -pm 1"},
                         {"identity", "power_limit_w", 600.0, "sudo nvidia-smi -pl 700"},
                         {"identity", "ecc", false, "sudo nvidia-smi -e 1, then reboot"},
                         {"identity", "mig", true, "sudo nvidia-smi -mig 0"},
                         {"covariates", "compute_mode", 3, "sudo nvidia-smi -c 0"},
                         {"covariates", "kernel", "6.9.0", "boot kernel 6.8.0 again"}}) {
    SCOPED_TRACE(row.field);
    DriverUpgrade upgrade = upgrade_of({.cases = 10, .slower = {{3, 1.10}}});
    upgrade.after[1].fingerprint[row.part][row.field] = row.value;
    const UpgradeDecision decision = decide_upgrade(upgrade, {});
    EXPECT_EQ(decision.word, "SETTINGS DIFFER");
    EXPECT_EQ(decision.code, ExitCode::refused);
    ASSERT_EQ(decision.settings.differences.size(), 1U);
    EXPECT_EQ(decision.settings.differences.front().boot, "after, boot 2");
    EXPECT_THAT(decision.settings.differences.front().remedy, HasSubstr(row.remedy));
    EXPECT_THAT(decision.sentence, HasSubstr(row.field));
    EXPECT_THAT(decision.next, HasSubstr("kernelgate driver after --anew"));
    EXPECT_THAT(decision.cases, IsEmpty());
    if (std::string(row.part) == "identity") continue;  // one step's boots are of one identity
    UpgradeOptions declared;
    declared.compare.vary = {row.field};
    EXPECT_EQ(decide_upgrade(upgrade, declared).answer, UpgradeAnswer::slower);
  }
}

TEST(Upgrade, ADeclaredSettingMayDiffer) {
  DriverUpgrade upgrade = upgrade_of({.cases = 10, .slower = {{3, 1.10}}});
  for (Result& boot : upgrade.after) boot.fingerprint["identity"]["power_limit_w"] = 600.0;
  EXPECT_EQ(decide_upgrade(upgrade, {}).answer, UpgradeAnswer::settings);
  UpgradeOptions declared;
  declared.compare.vary = {"power_limit"};
  EXPECT_EQ(decide_upgrade(upgrade, declared).answer, UpgradeAnswer::slower);
  declared.compare.vary = {"power_limti"};
  EXPECT_THROW(decide_upgrade(upgrade, declared), HarnessError);
}

TEST(Upgrade, WhatOnlyOneDriverTellsIsNoDifference) {
  DriverUpgrade upgrade = upgrade_of({.cases = 10});
  for (Result& boot : upgrade.after)
    boot.fingerprint["covariates"]["compute_mode"] = {{"value", nullptr}, {"reason", "not told"}};
  const UpgradeDecision decision = decide_upgrade(upgrade, {});
  EXPECT_EQ(decision.answer, UpgradeAnswer::not_slower);
  EXPECT_THAT(decision.settings.unknown, ::testing::Contains(HasSubstr("compute_mode is not known in after, boot 1")));
}

TEST(Upgrade, AnotherProgramIsADifference) {
  DriverUpgrade upgrade = upgrade_of({.cases = 10});
  for (Result& boot : upgrade.after) boot.build["commit"] = "fedcba987654";
  const UpgradeDecision decision = decide_upgrade(upgrade, {});
  EXPECT_EQ(decision.code, ExitCode::refused);
  EXPECT_THAT(decision.sentence, HasSubstr("commit fedcba987654"));
}

TEST(Upgrade, GoingBackTellsTheDriverFromTheMachine) {
  UpgradeModel model{.back_boots = 5, .slower = {{3, 1.05}, {8, 1.05}}};
  const UpgradeDecision undone = decide_upgrade(upgrade_of(model), {});
  EXPECT_EQ(undone.answer, UpgradeAnswer::slower);
  EXPECT_EQ(case_of(undone, "kernel03").back, WentBack::undone);
  EXPECT_EQ(case_of(undone, "kernel04").back, WentBack::not_asked);
  EXPECT_THAT(undone.back, HasSubstr("2 of 2 slower cases had their old speed again"));
  EXPECT_THAT(undone.back, HasSubstr("it is the driver"));
  model.stays = true;
  const UpgradeDecision stayed = decide_upgrade(upgrade_of(model), {});
  EXPECT_EQ(stayed.answer, UpgradeAnswer::not_the_driver);
  EXPECT_EQ(stayed.code, ExitCode::invalid);
  EXPECT_EQ(case_of(stayed, "kernel08").back, WentBack::stayed);
  model.back_boots = 1;
  const UpgradeDecision one = decide_upgrade(upgrade_of(model), {});
  EXPECT_EQ(one.answer, UpgradeAnswer::slower);
  EXPECT_THAT(one.next, HasSubstr("reboot, then: kernelgate driver back --append-boot"));
}

TEST(Upgrade, AWrongOutputIsSaidOfOneBootToo) {
  DriverUpgrade upgrade = upgrade_of({.cases = 10, .before_boots = 1, .after_boots = 1});
  upgrade.after[0].cases[2].status = CaseStatus::wrong;
  upgrade.after[0].cases[2].reason = "element 7";
  const UpgradeDecision decision = decide_upgrade(upgrade, {});
  EXPECT_EQ(decision.code, ExitCode::wrong);
  EXPECT_EQ(decision.word, "WRONG");
  EXPECT_THAT(decision.sentence, HasSubstr("kernel02"));
}

TEST(Upgrade, ACaseThatOneStepLacksIsNotComparable) {
  DriverUpgrade upgrade = upgrade_of({.cases = 10});
  for (Result& boot : upgrade.after) boot.cases.pop_back();
  const UpgradeDecision decision = decide_upgrade(upgrade, {});
  EXPECT_EQ(decision.code, ExitCode::refused);
  EXPECT_THAT(decision.sentence, HasSubstr("kernel09"));
}

TEST(Upgrade, SaysWhatAChangeIsExplainedBy) {
  UpgradeModel model{.slower = {{3, 1.10}, {4, 1.10}, {5, 1.10}}, .with_clocks = true};
  DriverUpgrade upgrade = upgrade_of(model);
  for (Result& boot : upgrade.after) {
    boot.cases[4].code_hash = "other";
    boot.cases[5].code_hash.clear();
  }
  for (std::vector<Result>* step : {&upgrade.before, &upgrade.after})
    for (Result& boot : *step) boot.cases[4].origin = "peer";
  const UpgradeDecision decision = decide_upgrade(upgrade, {});
  EXPECT_THAT(case_of(decision, "kernel03").why, HasSubstr("the same machine code"));
  EXPECT_THAT(case_of(decision, "kernel03").why, HasSubstr("the SM clock was +0.0 %"));
  EXPECT_THAT(case_of(decision, "kernel04").why, HasSubstr("PTX that each driver compiles anew"));
  EXPECT_THAT(case_of(decision, "kernel05").why, HasSubstr("not known"));
}

TEST(Upgrade, TheClocksAloneAreNoSlowerCode) {
  // In seconds 10 % more, and as many cycles.
  UpgradeModel model{.slower = {{3, 1.10}}, .with_clocks = true};
  DriverUpgrade upgrade = upgrade_of(model);
  for (Result& boot : upgrade.after)
    for (CaseRun& run : boot.cases[3].runs)
      for (double& clock : run.sm_clock_hz) clock /= 1.10;
  const UpgradeDecision decision = decide_upgrade(upgrade, {});
  EXPECT_EQ(decision.answer, UpgradeAnswer::not_slower);
  EXPECT_THAT(decision.notes, ::testing::Contains(HasSubstr("1 case moved in seconds and not in clock cycles")));
}

TEST(Upgrade, TheGeometricMeanIsThatOfTheCases) {
  UpgradeModel model;
  for (int k = 0; k < 40; ++k) model.slower[k] = 1.02;
  const UpgradeDecision decision = decide_upgrade(upgrade_of(model), {});
  ASSERT_TRUE(decision.mean);
  EXPECT_EQ(decision.mean->cases, 40U);
  EXPECT_LT(decision.mean->low, 1.02);
  EXPECT_GT(decision.mean->high, 1.02);
  EXPECT_LT(decision.mean->high / decision.mean->low, 1.02);
}

TEST(Upgrade, BootsThatAreNotOneSideAreRefused) {
  DriverUpgrade upgrade = upgrade_of({.cases = 10});
  upgrade.after[1].suite = "other";
  EXPECT_THROW(decide_upgrade(upgrade, {}), ResultError);
}

TEST(Upgrade, JsonHasTheDecision) {
  const nlohmann::json document = to_json(decide_upgrade(upgrade_of({.slower = {{3, 1.10}}}), {}));
  EXPECT_EQ(document["word"], "SLOWER");
  EXPECT_EQ(document["exit_code"], 3);
  EXPECT_EQ(document["boots"]["before"], 5);
  EXPECT_EQ(document["drivers"]["after"], "590.44.01");
  EXPECT_EQ(document["cases"].size(), 40U);
  EXPECT_GT(document["at_most"].get<double>(), 1.0);
}

}  // namespace
}  // namespace kernelgate

#include "harness/report/driver/driver_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judge/driver/simulated_upgrade_for_test.h"

namespace kernelgate {
namespace {

using for_test::SimulatedUpgrade;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(DriverReport, TheTextSaysTheDecisionFirstAndTheNextCommandLast) {
  const DriverUpgrade upgrade = SimulatedUpgrade({.slower = {{3, 1.10}}}, 1).upgrade();
  const std::string text = driver_text(decide_upgrade(upgrade, {}));
  EXPECT_THAT(text, StartsWith("SLOWER: with driver 590.44.01 instead of 580.95.05 1 of 40 cases are slower: "));
  EXPECT_THAT(text, HasSubstr("Geometric mean of 40 cases: +"));
  EXPECT_THAT(text, HasSubstr("SLOWER matmul/f16_nt/256x256x256/kernel03/hot: "));
  EXPECT_THAT(text, HasSubstr("\nExit code 3.\nNext: is it the driver?"));
  EXPECT_THAT(text, Not(HasSubstr("SAME matmul")));
}

TEST(DriverReport, SettingsAreListedEachWithItsRemedy) {
  DriverUpgrade upgrade = SimulatedUpgrade({.cases = 4}, 1).upgrade();
  for (Result& boot : upgrade.after) boot.fingerprint["covariates"]["persistence"] = false;
  const UpgradeDecision decision = decide_upgrade(upgrade, {});
  EXPECT_THAT(driver_text(decision),
              HasSubstr("  persistence is false in after, boot 5, and was true: sudo nvidia-smi -pm 1\n"));
  EXPECT_THAT(driver_page(decision, upgrade), HasSubstr("sudo nvidia-smi -pm 1"));
}

TEST(DriverReport, ThePageHasTheSentenceAndEveryBootAndNoForeignMarkup) {
  DriverUpgrade upgrade = SimulatedUpgrade({.cases = 4, .slower = {{3, 1.10}}}, 1).upgrade();
  for (std::vector<Result>* step : {&upgrade.before, &upgrade.after})
    for (Result& boot : *step) boot.cases[3].name = "<script>alert(1)</script>";
  const UpgradeDecision decision = decide_upgrade(upgrade, {});
  const std::string page = driver_page(decision, upgrade);
  EXPECT_THAT(page, HasSubstr("1 of 4 cases are slower: &lt;script&gt;alert(1)"));
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, HasSubstr("Boots: 5 before, 5 after, 0 back. Exit code 3."));
  EXPECT_THAT(page, HasSubstr("\"points\":[[0,0,"));
}

}  // namespace
}  // namespace kernelgate

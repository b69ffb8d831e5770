#include "harness/judge/driver/beside_controls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "harness/judge/driver/boot_side.h"
#include "harness/judge/driver/simulated_upgrade_for_test.h"

namespace kernelgate {
namespace {

using for_test::SimulatedUpgrade;
using for_test::UpgradeModel;
using ::testing::HasSubstr;

struct TwoSides {
  Side base, fresh;
};

TwoSides sides_of(const UpgradeModel& model) {
  const DriverUpgrade upgrade = SimulatedUpgrade(model, 4).upgrade();
  return {side_of_boots(upgrade.before), side_of_boots(upgrade.after)};
}

TEST(BesideControls, TakeOffWhatAWholeBootWasSlowerBy) {
  TwoSides sides = sides_of({.boot = 0.02, .together = 1});
  const Side before = sides.base;
  const BesideControls done = take_off_controls(sides.base, sides.fresh, Noise::symmetric);
  EXPECT_TRUE(done.taken);
  EXPECT_LT(done.left, 0.2);
  EXPECT_NE(sides.base.cases[0].runs[0].median_s, before.cases[0].runs[0].median_s);
}

TEST(BesideControls, AreLeftWhereTheyOnlyAddTheirOwnNoise) {
  TwoSides sides = sides_of({.boot = 0.004, .together = 0, .control = 0.02});
  const Side before = sides.base;
  EXPECT_FALSE(take_off_controls(sides.base, sides.fresh, Noise::symmetric).taken);
  EXPECT_EQ(sides.base.cases[0].runs[0].median_s, before.cases[0].runs[0].median_s);
}

TEST(BesideControls, AreLeftWhereTheyMovedWithTheDriver) {
  TwoSides sides = sides_of({.boot = 0.004, .together = 1, .machine = 1.03});
  const BesideControls done = take_off_controls(sides.base, sides.fresh, Noise::symmetric);
  EXPECT_FALSE(done.taken);
  EXPECT_THAT(done.text, HasSubstr("may be how this driver sets clocks"));
}

TEST(BesideControls, KeepTheClockCyclesAsTheyWere) {
  TwoSides sides = sides_of({.boot = 0.02, .together = 1, .with_clocks = true});
  const RunSummary before = sides.base.cases[2].runs[1];
  ASSERT_TRUE(take_off_controls(sides.base, sides.fresh, Noise::symmetric).taken);
  const RunSummary& now = sides.base.cases[2].runs[1];
  EXPECT_NEAR(now.median_s * *now.clock_hz, before.median_s * *before.clock_hz,
              1e-9 * before.median_s * *before.clock_hz);
}

TEST(BesideControls, TheLaunchIsTheDriversOwnWork) {
  TwoSides sides = sides_of({.boot = 0.02, .together = 1});
  for (Side* side : {&sides.base, &sides.fresh})
    std::erase_if(side->controls, [](const ControlSummary& one) { return one.name != "launch"; });
  const BesideControls done = take_off_controls(sides.base, sides.fresh, Noise::symmetric);
  EXPECT_FALSE(done.taken);
  EXPECT_THAT(done.text, HasSubstr("no control kernel"));
}

TEST(BootSide, IsOfOneBootEach) {
  const DriverUpgrade upgrade = SimulatedUpgrade({.cases = 2}, 1).upgrade();
  EXPECT_EQ(boot_of(upgrade.before[1]), "before-1");
  Result mixed = upgrade.before[0];
  mixed.cases[1].runs[0].boot_id = "other";
  EXPECT_THROW(boot_of(mixed), ResultError);
  mixed.cases[1].runs[0].boot_id.clear();
  EXPECT_THROW(boot_of(mixed), ResultError);
  EXPECT_THROW(boot_of(Result{}), ResultError);
}

}  // namespace
}  // namespace kernelgate

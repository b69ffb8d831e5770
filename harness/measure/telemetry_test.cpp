#include "harness/measure/telemetry.h"

#include <gtest/gtest.h>

namespace kernelgate {
namespace {

TEST(Throttling, is_judged_by_its_cause) {
  const ThrottleCounters idle{1, 1, 1, 1};
  EXPECT_TRUE(judge_throttling(idle, idle).invalid.empty());
  EXPECT_FALSE(judge_throttling(idle, {1, 1.5, 1, 1}).invalid.empty());
  EXPECT_FALSE(judge_throttling(idle, {1, 1, 1.5, 1}).invalid.empty());
  EXPECT_FALSE(judge_throttling(idle, {1, 1, 1, 1.5}).invalid.empty());
  // A power cap is recorded, and no reason to throw samples away.
  const ThrottleVerdict capped = judge_throttling(idle, {1.5, 1, 1, 1});
  EXPECT_TRUE(capped.invalid.empty());
  EXPECT_TRUE(capped.power_capped);
}

TEST(Throttling, counters_that_the_driver_does_not_tell_prove_nothing) {
  EXPECT_TRUE(judge_throttling({-1, -1, -1, -1}, {5, 5, 5, 5}).invalid.empty());
}

}  // namespace
}  // namespace kernelgate

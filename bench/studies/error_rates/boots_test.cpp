// Driver upgrades: the unit is the boot. Simulated as the design's note does: 0.4 % between boots, 0.5 % between runs,
// eight runs a boot.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "harness/judge/compare/decision.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;

std::vector<RunSummary> boots(std::mt19937_64& random, int count, double change, double boot_sd = 0.004) {
  std::normal_distribution<double> normal;
  std::vector<RunSummary> runs;
  for (int b = 0; b < count; ++b) {
    const double boot = boot_sd * normal(random);
    for (int r = 0; r < 8; ++r) {
      const double s = 1e-3 * std::exp(change + boot + 0.005 * normal(random));
      runs.push_back({s, 0.999 * s, 1.001 * s, 100});
      runs.back().boot = "boot" + std::to_string(b);
      runs.back().night = "2026-01-01";
    }
  }
  return runs;
}

/// Share of drivers that are called SLOWER.
double called(int count, double change, bool by_boots, int trials = 2000) {
  std::mt19937_64 random(8);
  StudentTable table;
  const DeviceClass& device = device_class("cuda");
  CompareOptions options;
  options.same_night = true;
  int slower = 0;
  for (int i = 0; i < trials; ++i) {
    const Evidence one = weigh(boots(random, count, 0), boots(random, count, change), device, options, by_boots);
    slower += decide(std::span(&one, 1), {}, device, options, table).front().verdict == Verdict::slower;
  }
  return static_cast<double>(slower) / trials;
}

TEST(Boots, AreTheUnitOfADriver) {
  for (const int count : {1, 3, 5, 8}) EXPECT_LE(called(count, 0, true), 0.01) << count;
  // Of the runs themselves, each boot's being alike, more would be wrong.
  EXPECT_GT(called(1, std::log1p(0.005), false), 5 * called(1, std::log1p(0.005), true));
}

TEST(Boots, FiveASideFindTwoPercent) {
  const double five = called(5, std::log1p(0.02), true), eight = called(8, std::log1p(0.02), true);
  EXPECT_GT(five, 0.90);
  EXPECT_GT(eight, 0.98);
  RecordProperty("five", std::to_string(five));
  RecordProperty("eight", std::to_string(eight));
}

TEST(Boots, TooFewAreInconclusiveWithTheNumberNeeded) {
  std::mt19937_64 random(9);
  StudentTable table;
  const DeviceClass& device = device_class("cuda");
  const Evidence one = weigh(boots(random, 1, 0), boots(random, 1, std::log1p(0.012)), device, {}, true);
  const Decision d = decide(std::span(&one, 1), {}, device, {}, table).front();
  EXPECT_EQ(one.unit, Unit::boot);
  EXPECT_EQ(d.verdict, Verdict::inconclusive);
  EXPECT_THAT(d.reason, HasSubstr("boots a side would decide"));
  // One boot a side that is slower by far more than boots ever differ.
  const Evidence gross = weigh(boots(random, 1, 0), boots(random, 1, std::log1p(0.10)), device, {}, true);
  EXPECT_EQ(decide(std::span(&gross, 1), {}, device, {}, table).front().verdict, Verdict::slower);
}

TEST(Boots, CountUntilFiveOnlyAsDeclared) {
  // Three boots that agree by chance don't know that boots agree.
  std::mt19937_64 random(10);
  const DeviceClass& device = device_class("cuda");
  const Evidence three = weigh(boots(random, 3, 0, 0), boots(random, 3, 0, 0), device, {}, true);
  EXPECT_GE(three.unit_sd, device.boot_sd);
  const Evidence eight = weigh(boots(random, 8, 0, 0), boots(random, 8, 0, 0), device, {}, true);
  EXPECT_LT(eight.unit_sd, device.boot_sd);
}

}  // namespace
}  // namespace kernelgate

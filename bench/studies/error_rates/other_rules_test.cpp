#include "bench/studies/error_rates/other_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "bench/studies/error_rates/head_to_head.h"
#include "harness/statistics/rates_for_test.h"

namespace kernelgate::error_rates {
namespace {

const OtherRule& rule(const std::string& name) { return *std::ranges::find(other_rules(), name, &OtherRule::name); }

/// A hundred samples about a level, spread evenly by one percent each way, and a history at 1.
Observed at(double level, double history_step = 0.001) {
  Observed seen;
  for (int i = 0; i < 100; ++i) {
    const double spread = 0.0002 * ((i * 37) % 100 - 49.5);
    seen.base.push_back(1 + spread);
    seen.fresh.push_back(level * (1 + spread));
    seen.history.push_back(1 + history_step * (i % 5 - 2));
  }
  return seen;
}

TEST(OtherRules, UTestIsScipys) {
  // scipy.stats.mannwhitneyu(fresh, base, alternative="greater", method="asymptotic")
  const std::vector<double> base{1, 2, 3, 4, 5, 5}, fresh{3, 4, 5, 6, 7};
  EXPECT_NEAR(u_test(base, fresh), 0.08251226710762893, 1e-12);
  EXPECT_EQ(u_test(std::vector<double>(3, 1.0), std::vector<double>(3, 1.0)), 1);
}

TEST(OtherRules, EachHasItsOwnIdeaOfSlower) {
  const auto calls = [](const char* name, double level) { return rule(name).slower(at(level)); };
  EXPECT_FALSE(calls("nvbench legacy", 1.005));
  EXPECT_TRUE(calls("nvbench legacy", 1.007)) << "beyond one standard deviation of an iteration, 0.58 %";
  EXPECT_FALSE(calls("nvbench robust", 1.015));
  EXPECT_TRUE(calls("nvbench robust", 1.025));
  EXPECT_TRUE(calls("U-test 5 %, n 100", 1.004));
  EXPECT_FALSE(calls("U-test 5 %, n 10", 1.002));
  EXPECT_FALSE(calls("criterion", 1.008));
  EXPECT_TRUE(calls("criterion", 1.02));
  EXPECT_FALSE(calls("asv compare", 1.09));
  EXPECT_TRUE(calls("asv compare", 1.11));
  EXPECT_FALSE(calls("Bencher, 64 nights", 1.003));
  EXPECT_TRUE(calls("Bencher, 64 nights", 1.004));
  EXPECT_FALSE(calls("conbench, z 5", 1.006));
  EXPECT_TRUE(calls("conbench, z 5", 1.008));
  EXPECT_TRUE(calls("2 % gate", 1.021));
  EXPECT_FALSE(calls("5 % rule", 1.049));
  EXPECT_FALSE(calls("7 % rule", 1.069));
  EXPECT_TRUE(calls("7 % rule", 1.071));
  for (const OtherRule& one : other_rules()) EXPECT_FALSE(one.slower(at(0.9))) << one.name;
}

TEST(OtherRules, NoneBeatsOursInBothColumns) {
  // Fewer false alarms, or more found, but never both: at the quiet and the typical noise.
  for (const char* model : {"quiet", "typical"}) {
    const int comparisons = for_test::trials(400, 100);
    const HeadToHead table =
        head_to_head(noise_model(model), {.comparisons = comparisons, .nights = 4, .change = std::log1p(0.02)});
    const Score& ours = table.ours;
    EXPECT_EQ(ours.false_slower, 0) << model;
    EXPECT_GT(ours.found, 0.95) << model;
    for (const auto& [name, score] : table.others)
      EXPECT_FALSE(score.false_slower <= ours.false_slower && score.found > ours.found + 0.02) << model << " " << name;
  }
}

}  // namespace
}  // namespace kernelgate::error_rates

#include "harness/judge/fleet/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>

#include "harness/result/result_for_test.h"
#include "harness/statistics/rates_for_test.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;

TEST(ToleranceFactor, IsThatOfTheTables) {
  // Krishnamoorthy and Mathew, table B1 (one-sided): 90 % coverage, 95 % confidence.
  EXPECT_NEAR(tolerance_factor(8, 0.90, 0.95), 2.582, 5e-4);
  EXPECT_NEAR(tolerance_factor(10, 0.90, 0.95), 2.355, 5e-4);
  EXPECT_NEAR(tolerance_factor(20, 0.90, 0.95), 1.926, 5e-4);
  EXPECT_NEAR(tolerance_factor(10, 0.99, 0.95), 3.981, 5e-4);
  EXPECT_THROW(tolerance_factor(1, 0.9, 0.95), std::invalid_argument);
}

TEST(ToleranceLimit, CoversNineInTenNineteenTimesInTwenty) {
  for (const std::size_t n : {std::size_t{8}, std::size_t{20}, std::size_t{29}, std::size_t{100}}) {
    std::mt19937_64 random(5);
    std::normal_distribution<double> normal;
    int covers = 0;
    const int trials = for_test::trials(4000, 600);
    for (int i = 0; i < trials; ++i) {
      std::vector<double> fleet;
      for (std::size_t d = 0; d < n; ++d) fleet.push_back(normal(random));
      covers += tolerance_limit(fleet) >= 1.2815515655446004;  // the normal's 90 % quantile
    }
    EXPECT_GE(covers, for_test::thorough() ? 0.94 * trials : for_test::least_hits(trials, 0.94)) << n;
    EXPECT_LE(covers, for_test::thorough() ? 0.985 * trials : for_test::most_hits(trials, 0.985)) << n;
  }
}

/// A card: one case of three runs at `level`, which vary by `spread`.
Side card(int number, double level, double spread = 0.002) {
  Side side;
  side.device_kind = "cuda";
  side.device = "nvidia_test";
  side.fingerprint = {
      {"identity", {{"gpu_name", "test"}, {"gpu_uuid", "GPU-" + std::to_string(number)}, {"driver", "580.1"}}}};
  SideCase one;
  one.name = "matmul/f16_nt/1/ours/hot";
  one.op = "matmul";
  for (int r : {-1, 0, 1}) {
    const double s = level * std::exp(spread * r);
    one.runs.push_back({s, 0.999 * s, 1.001 * s, 30});
  }
  side.cases = {one};
  return side;
}

std::vector<Side> fleet_of(int cards) {
  std::vector<Side> fleet;
  for (int i = 0; i < cards; ++i)
    fleet.push_back(card(i, 1e-3 * std::exp(0.03 * std::sin(1.9 * i)), 0.002 + 0.0002 * (i % 5)));
  return fleet;
}

const CaseVerdict& only(const Comparison& comparison) { return comparison.cases.at(0); }

TEST(Fleet, AcceptsWhatIsLikeItAndRefusesWhatIsBeyond) {
  const std::vector<Side> fleet = fleet_of(12);
  const Comparison good = compare_with_fleet(fleet, card(99, 1.01e-3), {});
  EXPECT_EQ(only(good).verdict, Verdict::same) << only(good).reason;
  EXPECT_EQ(good.exit_code(true), ExitCode::good);
  EXPECT_THAT(only(good).reason, HasSubstr("of 13"));
  const Comparison bad = compare_with_fleet(fleet, card(99, 1.2e-3), {});
  EXPECT_EQ(only(bad).verdict, Verdict::slower);
  EXPECT_EQ(bad.exit_code(false), ExitCode::regression);
  EXPECT_EQ(only(bad).attribution, "device");
  EXPECT_EQ(only(compare_with_fleet(fleet, card(99, 0.8e-3), {})).verdict, Verdict::same) << "fast is no fault";
}

TEST(Fleet, AnUnsteadyCardIsNotLikeTheRest) {
  const Comparison unsteady = compare_with_fleet(fleet_of(12), card(99, 1e-3, 0.05), {});
  EXPECT_EQ(only(unsteady).verdict, Verdict::slower);
  EXPECT_THAT(only(unsteady).reason, HasSubstr("runs vary by 5.00 %"));
}

TEST(Fleet, AnEightGpuServerIsAFleet) {
  EXPECT_EQ(only(compare_with_fleet(fleet_of(7), card(99, 1.01e-3), {})).verdict, Verdict::same);
  const Comparison slow = compare_with_fleet(fleet_of(7), card(99, 1.3e-3), {});
  EXPECT_EQ(only(slow).verdict, Verdict::slower);
  EXPECT_THAT(only(slow).reason, HasSubstr("rank 8 of 8"));
  EXPECT_TRUE(slow.declared.empty()) << "nobody declared the UUID to differ";
  CompareOptions declared;
  declared.vary = {"gpu_uuid"};
  EXPECT_EQ(compare_with_fleet(fleet_of(7), card(99, 1e-3), declared).declared.size(), 1u);
}

TEST(Fleet, FewCardsShowWhatIsFarOffAndNothingElse) {
  std::vector<Side> four;
  for (int i = 0; i < 4; ++i) four.push_back(card(i, 1e-3 * (1 + 0.001 * i)));
  const Comparison far = compare_with_fleet(four, card(99, 1.23e-3), {});
  EXPECT_EQ(only(far).verdict, Verdict::slower) << only(far).reason;
  EXPECT_EQ(far.exit_code(false), ExitCode::regression);
  const Comparison near = compare_with_fleet(four, card(99, 1.05e-3), {});
  EXPECT_EQ(only(near).verdict, Verdict::inconclusive) << "four that agree by chance are no measure";
  EXPECT_THAT(only(near).reason, HasSubstr("4 devices are no fleet, 7 are needed"));
  EXPECT_EQ(near.exit_code(true), ExitCode::inconclusive);
  EXPECT_EQ(only(compare_with_fleet(four, card(99, 1e-3), {})).verdict, Verdict::inconclusive);
  EXPECT_EQ(only(compare_with_fleet(four, card(99, 0.5e-3), {})).verdict, Verdict::inconclusive) << "fast is no fault";
  four.resize(2);
  EXPECT_EQ(only(compare_with_fleet(four, card(99, 2e-3), {})).verdict, Verdict::inconclusive);
}

TEST(Fleet, OtherEnvironmentsAreLeftOutAndMissingCasesSaid) {
  std::vector<Side> fleet = fleet_of(12);
  for (int i = 0; i < 6; ++i) fleet[static_cast<std::size_t>(i)].fingerprint["identity"]["driver"] = "590.2";
  const Comparison six = compare_with_fleet(fleet, card(99, 1e-3), {});
  EXPECT_EQ(only(six).verdict, Verdict::inconclusive);
  EXPECT_THAT(six.base_description, HasSubstr("6 of them of another environment"));
  for (Side& one : fleet) one.fingerprint["identity"]["driver"] = "590.2";
  EXPECT_EQ(compare_with_fleet(fleet, card(99, 1e-3), {}).exit_code(false), ExitCode::refused);
  Side lacking = card(99, 1e-3);
  lacking.cases[0].name = "matmul/f16_nt/2/ours/hot";
  const Comparison other = compare_with_fleet(fleet_of(12), lacking, {});
  EXPECT_EQ(other.exit_code(false), ExitCode::refused) << "a case of the fleet is missing";
  EXPECT_THROW(compare_with_fleet({}, card(1, 1), {}), HarnessError);
}

Result result_of_card(int number, double level) {
  Result result =
      for_test::made_result({for_test::made_case("ours", {{level, level, 1.001 * level, 0.999 * level, level}})});
  result.device_kind = "cuda";
  result.fingerprint = {{"identity", {{"gpu_name", "test"}, {"gpu_uuid", "GPU-" + std::to_string(number)}}}};
  return result;
}

TEST(Fleet, IsReadFromAFolderOneSideACard) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "kernelgate_fleet";
  std::filesystem::remove_all(folder);
  const Side fresh = side_of(result_of_card(3, 1e-3));
  EXPECT_THROW(read_fleet(folder, fresh), ResultError);
  std::filesystem::create_directories(folder);
  EXPECT_THROW(read_fleet(folder, fresh), ResultError) << "no card";
  for (int card : {1, 2, 3}) write_result(result_of_card(card, 1e-3), folder / (std::to_string(card) + ".json"));
  write_result(result_of_card(2, 1.1e-3), folder / "again.json");
  const std::vector<Side> fleet = read_fleet(folder, fresh);
  ASSERT_EQ(fleet.size(), 2u) << "its own card does not vouch for it";
  EXPECT_EQ(fleet[0].cases[0].runs.size(), 1u);
  EXPECT_EQ(fleet[1].cases[0].runs.size(), 2u);
  Result nameless = result_of_card(1, 1e-3);
  nameless.fingerprint["identity"].erase("gpu_uuid");
  write_result(nameless, folder / "nameless.json");
  EXPECT_THROW(read_fleet(folder, fresh), ResultError);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace kernelgate

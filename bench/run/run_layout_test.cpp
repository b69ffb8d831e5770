#include "bench/run/run_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "kernels/op/fake_problem_for_test.h"

namespace kernelgate {
namespace {

using ::testing::ElementsAre;

/// `groups` problems of three cases each.
std::vector<Case> made_cases(int groups) {
  std::vector<Case> cases;
  for (int g = 0; g < groups; ++g) {
    const auto problem = std::make_shared<FakeProblem>(16, std::vector<FakeProblem::Fake>{});
    for (int i = 0; i < 3; ++i) cases.push_back({problem, {}, CacheState::hot, std::to_string(3 * g + i)});
  }
  return cases;
}

TEST(RunLayout, SeedsDifferBetweenRunsAndBetweenUsersSeeds) {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (int run = 0; run < 20; ++run) seeds.insert(layout_seed(seed, run));
  EXPECT_EQ(seeds.size(), 400u);
  EXPECT_FALSE(seeds.contains(0));
  EXPECT_LT(*seeds.rbegin(), std::uint64_t{1} << 32);
  EXPECT_EQ(layout_seed(1, 0), layout_seed(1, 0));
}

TEST(RunLayout, EveryCaseHasItsTurnBesideItsGroup) {
  const std::vector<Case> cases = made_cases(5);
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    std::vector<std::size_t> order = run_order(cases, seed);
    ASSERT_EQ(order.size(), cases.size());
    for (std::size_t i = 0; i < order.size(); i += 3)
      EXPECT_TRUE(order[i] / 3 == order[i + 1] / 3 && order[i] / 3 == order[i + 2] / 3) << "seed " << seed;
    std::ranges::sort(order);
    for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], i);
  }
}

TEST(RunLayout, EachGroupAndEachCaseOfItMayBeFirst) {
  const std::vector<Case> cases = made_cases(4);
  std::set<std::size_t> firsts;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) firsts.insert(run_order(cases, seed).front());
  EXPECT_EQ(firsts.size(), cases.size());
  EXPECT_EQ(run_order(cases, 7), run_order(cases, 7));
}

TEST(RunLayout, WithoutASeedTheTablesOrderStays) {
  EXPECT_THAT(run_order(made_cases(2), 0), ElementsAre(0, 1, 2, 3, 4, 5));
}

}  // namespace
}  // namespace kernelgate

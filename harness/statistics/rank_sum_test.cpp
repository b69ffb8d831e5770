#include "harness/statistics/rank_sum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace kernelgate {
namespace {

TEST(RankSum, IsTheShareOfAllWaysToPartTheValues) {
  // Each way to part 1..9 into four and five, counted by hand of the definition.
  std::vector<int> is_above{0, 0, 0, 0, 1, 1, 1, 1, 1};
  std::vector<std::pair<int, double>> seen;  // pairs out of order, and what was said of it
  do {
    std::vector<double> below, above;
    for (std::size_t i = 0; i < is_above.size(); ++i)
      (is_above[i] == 1 ? above : below).push_back(static_cast<double>(i));
    int out = 0;
    for (double a : below)
      for (double b : above) out += a > b;
    seen.emplace_back(out, rank_sum_p(below, above));
  } while (std::ranges::next_permutation(is_above).found);
  ASSERT_EQ(seen.size(), 126U);
  for (const auto& [out, p] : seen) {
    const auto as_few = std::ranges::count_if(seen, [&](const auto& other) { return other.first <= out; });
    EXPECT_NEAR(p, static_cast<double>(as_few) / 126, 1e-12) << out;
  }
}

TEST(RankSum, EqualValuesShowNothing) {
  EXPECT_EQ(rank_sum_p(std::vector<double>{1, 1, 1}, std::vector<double>{1, 1, 1}), 1);
  EXPECT_NEAR(rank_sum_p(std::vector<double>{1, 1, 1}, std::vector<double>{2, 2, 2}), 0.05, 1e-12);
  EXPECT_EQ(rank_sum_p({}, std::vector<double>{1}), 1);
}

TEST(RankSum, ManyValuesAreNormalToAThousandth) {
  // 30 a side is the last exact one; 31 must follow it without a jump.
  const auto p = [](std::size_t n, double shift) {
    std::vector<double> below, above;
    for (std::size_t i = 0; i < n; ++i) {
      below.push_back(static_cast<double>(i) / static_cast<double>(n));
      above.push_back(below.back() + shift + 1e-6);
    }
    return rank_sum_p(below, above);
  };
  EXPECT_NEAR(p(30, 0.1), p(31, 0.1), 0.01);
  EXPECT_NEAR(p(30, 0.2), p(31, 0.2), 0.001);
  EXPECT_LT(p(40, 0.9), 1e-9);
}

TEST(RankSum, SoManyPairsMayBeOutOfOrder) {
  EXPECT_EQ(pairs_out_of_order_at_most(3, 3, 0.01), -1) << "1 of 20 ways";
  EXPECT_EQ(pairs_out_of_order_at_most(3, 3, 0.05), 0);
  EXPECT_EQ(pairs_out_of_order_at_most(5, 5, 0.01), 1) << "2 of 252";
  EXPECT_EQ(pairs_out_of_order_at_most(5, 5, 1e-3), -1);
  EXPECT_EQ(pairs_out_of_order_at_most(2, 20, 0.01), 1) << "2 of 231";
  EXPECT_EQ(pairs_out_of_order_at_most(0, 5, 0.5), -1);
  EXPECT_NEAR(pairs_out_of_order_at_most(31, 31, 0.01), pairs_out_of_order_at_most(30, 30, 0.01), 30);
}

}  // namespace
}  // namespace kernelgate

#include "harness/statistics/squeezed_variances.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace kernelgate {
namespace {

/// Variances of `cases` samples of df + 1 normal values each, whose true variances follow an inverse chi-square with d0
/// degrees about `scale`; d0 0: all are `scale`.
std::vector<SampleVariance> drawn(int cases, double df, double d0, double scale, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<SampleVariance> all;
  for (int i = 0; i < cases; ++i) {
    double truth = scale;
    if (d0 > 0) truth *= d0 / std::chi_squared_distribution<double>(d0)(random);
    all.push_back({truth * std::chi_squared_distribution<double>(df)(random) / df, df});
  }
  return all;
}

TEST(SqueezedVariances, CasesThatAreAlikeLendEachOtherMuch) {
  const auto squeezed = squeezed_variances(drawn(200, 4, 0, 9e-4, 1));
  for (const SampleVariance& one : squeezed) {
    EXPECT_GT(one.df, 16) << "four of its own";
    EXPECT_NEAR(std::log(one.variance / 9e-4), 0, 0.9);
  }
}

TEST(SqueezedVariances, CasesThatDifferKeepTheirOwn) {
  const auto own = drawn(400, 30, 3, 1e-4, 2);
  const auto squeezed = squeezed_variances(own);
  double off = 0;
  for (std::size_t i = 0; i < own.size(); ++i) {
    EXPECT_NEAR(squeezed[i].df, 33, 2) << "the prior's three are found";
    off = std::max(off, std::fabs(std::log(squeezed[i].variance / own[i].variance)));
  }
  EXPECT_LT(off, 1.5);
  EXPECT_GT(off, 0.1);
}

TEST(SqueezedVariances, FewOrEqualOnesAreSafe) {
  EXPECT_TRUE(squeezed_variances({}).empty());
  const std::vector<SampleVariance> two{{4, 3}, {1, 3}};
  EXPECT_EQ(squeezed_variances(two)[0].variance, 4) << "two lend nothing";
  EXPECT_EQ(squeezed_variances(two)[0].df, 3);
  const std::vector<SampleVariance> none(5, {0, 4});
  EXPECT_EQ(squeezed_variances(none)[2].variance, 0);
  std::vector<SampleVariance> one_is_still = drawn(50, 4, 0, 1, 3);
  one_is_still[7].variance = 0;
  EXPECT_GT(squeezed_variances(one_is_still)[7].variance, 0.1) << "no case is as steady as its few runs";
  one_is_still[8] = {0, 0};
  EXPECT_GT(squeezed_variances(one_is_still)[8].variance, 0.4) << "what the suite has, where it has none";
  EXPECT_GT(squeezed_variances(one_is_still)[8].df, 0);
}

}  // namespace
}  // namespace kernelgate

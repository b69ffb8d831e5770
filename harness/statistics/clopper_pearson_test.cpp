#include "harness/statistics/clopper_pearson.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace kernelgate {
namespace {

/// P(X <= k) of n tries, summed term by term.
double binomial_cdf(int k, int n, double p) {
  double sum = 0;
  for (int i = 0; i <= k; ++i)
    sum += std::exp(std::lgamma(n + 1) - std::lgamma(i + 1) - std::lgamma(n - i + 1) + i * std::log(p) +
                    (n - i) * std::log1p(-p));
  return sum;
}

TEST(ClopperPearson, EachEndLeavesItsTailOfTheBinomial) {
  for (auto [hits, tries] : {std::pair{1, 1234}, {3, 10}, {50, 100}, {9, 10}}) {
    SCOPED_TRACE(hits);
    const RateInterval interval = clopper_pearson(hits, tries);
    EXPECT_NEAR(binomial_cdf(hits, tries, interval.high), 0.025, 1e-9);
    EXPECT_NEAR(1 - binomial_cdf(hits - 1, tries, interval.low), 0.025, 1e-9);
  }
}

TEST(ClopperPearson, OfNoneAndOfAll) {
  EXPECT_EQ(clopper_pearson(0, 300).low, 0);
  EXPECT_NEAR(clopper_pearson(0, 300).high, 1 - std::pow(0.025, 1.0 / 300), 1e-12);
  EXPECT_EQ(clopper_pearson(5, 5).high, 1);
  EXPECT_EQ(clopper_pearson(0, 0).high, 1) << "nothing was tried, nothing is known";
  // The "rule of three": 0 of 300 bounds the rate by 1 %, one-sided 95 %.
  EXPECT_NEAR(clopper_pearson(0, 300, 0.90).high, 0.00994, 1e-5);
}

TEST(ClopperPearson, RefusesWhatIsNoRate) {
  EXPECT_THROW(clopper_pearson(2, 1), std::invalid_argument);
  EXPECT_THROW(clopper_pearson(-1, 1), std::invalid_argument);
  EXPECT_THROW(clopper_pearson(1, 2, 1.0), std::invalid_argument);
}

}  // namespace
}  // namespace kernelgate

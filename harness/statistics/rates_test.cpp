#include "harness/statistics/rates_for_test.h"

#include <gtest/gtest.h>

namespace kernelgate::for_test {
namespace {

TEST(RatesForTest, TheLimitsAreTheBinomials) {
  // Of 100 at 1 %: more than 5 in 0.053 %, more than 4 in 0.34 %.
  EXPECT_EQ(most_hits(100, 0.01), 5);
  EXPECT_EQ(least_hits(100, 0.99), 95);
  EXPECT_EQ(most_hits(4, 0.01), 1);
  EXPECT_EQ(most_hits(1, 1), 1) << "never more than there are";
  EXPECT_EQ(most_hits(50, 0), 0);
  EXPECT_EQ(least_hits(50, 1), 50);
}

}  // namespace
}  // namespace kernelgate::for_test

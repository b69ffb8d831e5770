#include "harness/statistics/statistics.h"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <vector>

namespace kernelgate {
namespace {

TEST(Summary, QuantilesInterpolateAsNumpyDoes) {
  // numpy.quantile([7, 1, 3, 10], [.05, .25, .5, .75, .95, .99]); numpy.std(ddof=1)
  const std::vector<double> samples{7, 1, 3, 10};
  const Summary s = summarize(samples);
  EXPECT_EQ(s.count, 4u);
  EXPECT_EQ(s.min, 1);
  EXPECT_NEAR(s.p5, 1.3, 1e-12);
  EXPECT_NEAR(s.q1, 2.5, 1e-12);
  EXPECT_NEAR(s.median, 5, 1e-12);
  EXPECT_NEAR(s.q3, 7.75, 1e-12);
  EXPECT_NEAR(s.p95, 9.55, 1e-12);
  EXPECT_NEAR(s.p99, 9.91, 1e-12);
  EXPECT_EQ(s.max, 10);
  EXPECT_NEAR(s.mean, 5.25, 1e-12);
  EXPECT_NEAR(s.stddev, 4.031128874149275, 1e-12);
}

TEST(Median, IsThatOfTheSummary) {
  EXPECT_EQ(median(std::vector<double>{7, 1, 3, 10}), 5);
  EXPECT_EQ(median(std::vector<double>{7, 1, 3}), 3);
  std::vector<double> values;
  for (int i = 0; i < 101; ++i) {
    values.push_back(static_cast<double>(i * 37 % 101) / 7);
    EXPECT_EQ(median(values), summarize(values).median) << i;
  }
}

TEST(Summary, OneSampleHasNoSpread) {
  const Summary s = summarize(std::vector<double>{2.5});
  EXPECT_EQ(s.median, 2.5);
  EXPECT_EQ(s.p99, 2.5);
  EXPECT_EQ(s.stddev, 0);
}

TEST(Summary, RefusesNothingAndNonsense) {
  EXPECT_THROW(summarize(std::vector<double>{}), std::invalid_argument);
  EXPECT_THROW(summarize(std::vector<double>{1, std::numeric_limits<double>::quiet_NaN()}), std::invalid_argument);
  EXPECT_THROW(median(std::vector<double>{std::numeric_limits<double>::infinity()}), std::invalid_argument);
}

}  // namespace
}  // namespace kernelgate

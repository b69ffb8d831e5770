#include "harness/statistics/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <stdexcept>

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

TEST(StudentT, KnownQuantiles) {
  // df 1 and 2 have closed forms: tan(pi (p - 1/2)) and (2p - 1) / sqrt(2 p (1 - p)).
  for (double p : {0.6, 0.9, 0.975, 0.999, 0.01}) {
    const double cauchy = std::tan(std::numbers::pi * (p - 0.5));
    EXPECT_NEAR(student_t_quantile(p, 1), cauchy, 1e-9 * std::max(1.0, std::fabs(cauchy)));
    EXPECT_NEAR(student_t_quantile(p, 2), (2 * p - 1) / std::sqrt(2 * p * (1 - p)), 1e-9);
  }
  // scipy.stats.t.ppf
  EXPECT_NEAR(student_t_quantile(0.99, 6), 3.142668403290985, 1e-9);
  EXPECT_NEAR(student_t_quantile(0.95, 10), 1.8124611228107335, 1e-9);
  EXPECT_NEAR(student_t_quantile(0.975, 3.7), 2.8675207071912086, 1e-9);
  EXPECT_NEAR(student_t_quantile(0.99, 1e6), 2.326351603120805, 1e-9);
  EXPECT_NEAR(student_t_quantile(0.999999, 30), 5.87111712040864, 1e-9);
}

TEST(StudentT, KnownProbabilities) {
  EXPECT_NEAR(student_t_cdf(1, 1), 0.75, 1e-12);
  EXPECT_NEAR(student_t_cdf(-1, 1), 0.25, 1e-12);
  EXPECT_NEAR(student_t_cdf(0, 5), 0.5, 1e-12);
  EXPECT_NEAR(student_t_cdf(2.5, 7.3), 0.9801748826671998, 1e-12);
  EXPECT_NEAR(student_t_cdf(-8, 4), 0.0006619484546085838, 1e-13);
}

TEST(StudentT, QuantileUndoesCdf) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> any(0, 1);
  for (int i = 0; i < 500; ++i) {
    const double p = 1e-6 + any(random) * (1 - 2e-6);
    const double df = 0.5 + 60 * any(random);
    EXPECT_NEAR(student_t_cdf(student_t_quantile(p, df), df), p, 1e-9) << p << " " << df;
  }
}

TEST(StudentT, RefusesWhatHasNoAnswer) {
  EXPECT_THROW(student_t_quantile(0, 3), std::invalid_argument);
  EXPECT_THROW(student_t_quantile(1, 3), std::invalid_argument);
  EXPECT_THROW(student_t_quantile(0.9, 0), std::invalid_argument);
  EXPECT_THROW(student_t_cdf(1, -1), std::invalid_argument);
}

}  // namespace
}  // namespace kernelgate

#include "harness/statistics/distributions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <stdexcept>

// Where no source is named, the values are integrals of the density to 30 digits, by mpmath.

namespace kernelgate {
namespace {

TEST(Normal, KnownValues) {
  EXPECT_NEAR(normal_cdf(1.5), 0.933192798731141934, 1e-15);
  EXPECT_NEAR(normal_cdf(-8) / 6.22096057427178412e-16, 1, 1e-12);
  EXPECT_NEAR(normal_quantile(0.975), 1.95996398454005423552, 1e-14);
  EXPECT_NEAR(normal_quantile(0.5), 0, 1e-16);
  EXPECT_THROW(normal_quantile(0), std::invalid_argument);
  EXPECT_THROW(normal_quantile(1), std::invalid_argument);
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
  EXPECT_THROW(student_t_upper_quantile(0, 3), std::invalid_argument);
  EXPECT_THROW(student_t_upper_tail(1, 0), std::invalid_argument);
}

TEST(StudentT, TheFarTailIsExact) {
  EXPECT_NEAR(student_t_upper_tail(50, 30) / 9.35770882961135629817702811e-31, 1, 1e-12);
  EXPECT_NEAR(student_t_upper_quantile(1e-40, 30), 107.971968765417869, 1e-9);
  EXPECT_NEAR(student_t_upper_quantile(1e-12, 3), 10331.1082442924861, 1e-6);
  EXPECT_EQ(student_t_cdf(50, 30), 1) << "which is why there is the other";
  EXPECT_DOUBLE_EQ(student_t_upper_tail(-2.5, 7.3), student_t_cdf(2.5, 7.3));
}

TEST(StudentT, OfInfinitelyManyDegreesIsNormal) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  EXPECT_NEAR(student_t_quantile(0.975, infinite), 1.95996398454005423552, 1e-14);
  EXPECT_NEAR(student_t_upper_tail(8, infinite) / 6.22096057427178412e-16, 1, 1e-12);
  EXPECT_DOUBLE_EQ(student_t_cdf(1.5, infinite), normal_cdf(1.5));
}

TEST(StudentT, AnInfiniteTIsCertainAndNaNStaysNaN) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  EXPECT_EQ(student_t_upper_tail(infinite, 3), 0);
  EXPECT_EQ(student_t_upper_tail(-infinite, 3), 1);
  EXPECT_TRUE(std::isnan(student_t_upper_tail(std::numeric_limits<double>::quiet_NaN(), 3)));
  EXPECT_TRUE(std::isnan(student_t_cdf(std::numeric_limits<double>::quiet_NaN(), 3)));
}

TEST(NonCentralT, KnownValues) {
  EXPECT_NEAR(non_central_t_upper_tail(2, 9, 4), 0.968259445335605451, 1e-12);
  EXPECT_NEAR(non_central_t_upper_tail(3, 8, 0.5), 0.0246901813228800963, 1e-12);
  EXPECT_NEAR(non_central_t_upper_tail(3, 7.3, 0), 0.00949027551156675315, 1e-12) << "about 0 it is Student's";
  const double noncentrality = 1.2815515655446004 * std::sqrt(10.0);
  EXPECT_NEAR(non_central_t_quantile(0.95, 9, noncentrality), 7.44602588661896517720, 1e-10);
  EXPECT_NEAR(1 - non_central_t_upper_tail(7.44602588661896517720, 9, noncentrality), 0.95, 1e-12);
}

TEST(NonCentralT, FarFromTheMiddleIsANumberStill) {
  EXPECT_EQ(non_central_t_upper_tail(3, 8, 1e6), 1);
  EXPECT_NEAR(non_central_t_upper_tail(3, 8, 29.9), 1, 1e-9);
  EXPECT_NEAR(non_central_t_upper_tail(3, 8, 30.1), 1, 1e-9);
}

TEST(NonCentralT, RefusesWhatHasNoAnswer) {
  EXPECT_THROW(non_central_t_upper_tail(1, 0, 1), std::invalid_argument);
  EXPECT_THROW(non_central_t_upper_tail(1, 3, -1), std::invalid_argument);
  EXPECT_THROW(non_central_t_quantile(0.5, 3, std::numeric_limits<double>::infinity()), std::invalid_argument);
  EXPECT_THROW(non_central_t_quantile(1, 3, 1), std::invalid_argument);
}

TEST(ChiSquared, KnownQuantiles) {
  EXPECT_NEAR(chi_squared_quantile(0.95, 10), 18.3070380532751468718, 1e-10);
  EXPECT_NEAR(chi_squared_quantile(0.3, 2), -2 * std::log(0.7), 1e-13);
  EXPECT_THROW(chi_squared_quantile(0.5, 0), std::invalid_argument);
  EXPECT_THROW(chi_squared_quantile(1, 3), std::invalid_argument);
}

TEST(Beta, KnownQuantiles) {
  EXPECT_NEAR(beta_quantile(0.025, 3, 8), 0.0667395111777344671, 1e-13);
  EXPECT_NEAR(beta_upper_quantile(0.025, 8, 3), 1 - 0.0667395111777344671, 1e-13);
  EXPECT_NEAR(beta_upper_quantile(0.025, 1, 300), 1 - std::pow(0.025, 1.0 / 300), 1e-13);
  EXPECT_THROW(beta_quantile(0.5, 0, 1), std::invalid_argument);
  EXPECT_THROW(beta_upper_quantile(0, 1, 1), std::invalid_argument);
}

TEST(Gamma, KnownDerivatives) {
  // Abramowitz and Stegun, 6.3.2 and 6.4.2: -gamma, pi^2 / 6, -2 zeta(3).
  EXPECT_NEAR(digamma(1), -0.57721566490153286061, 1e-14);
  EXPECT_NEAR(trigamma(1), std::numbers::pi * std::numbers::pi / 6, 1e-14);
  EXPECT_NEAR(tetragamma(1), -2.40411380631918857080, 1e-13);
  EXPECT_NEAR(digamma(10.5), (std::lgamma(10.5 + 1e-5) - std::lgamma(10.5 - 1e-5)) / 2e-5, 1e-8);
  EXPECT_THROW(digamma(0), std::invalid_argument);
}

TEST(Binomial, KnownTails) {
  EXPECT_NEAR(binomial_upper_tail(1, 29, 0.1), 0.801127899449602996, 1e-13);
  EXPECT_NEAR(binomial_upper_tail(0, 22, 0.1), 1 - std::pow(0.9, 22), 1e-14);
  EXPECT_EQ(binomial_upper_tail(5, 5, 0.1), 0);
  EXPECT_THROW(binomial_upper_tail(6, 5, 0.1), std::invalid_argument);
  EXPECT_THROW(binomial_upper_tail(1, 5, 1.1), std::invalid_argument);
}

}  // namespace
}  // namespace kernelgate

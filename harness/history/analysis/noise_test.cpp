#include "harness/history/analysis/noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

namespace kernelgate::history {
namespace {

std::vector<double> ar1(double phi, std::size_t n, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> y;
  double before = normal(random);
  for (std::size_t t = 0; t < n; ++t) {
    before = phi * before + std::sqrt(1 - phi * phi) * normal(random);
    y.push_back(before);
  }
  return y;
}

TEST(Noise, TheCorrelationOfNightsIsFoundOnItsHighSide) {
  for (double phi : {0.0, 0.5, 0.8}) {
    double mean = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) mean += lag1_correlation(ar1(phi, 400, seed), 1) / 100;
    EXPECT_GT(mean, phi) << phi;
    EXPECT_LT(mean, phi + 0.06) << phi;
  }
}

TEST(Noise, NeighboursTellTheCorrelationWhateverStepsThereAre) {
  for (double phi : {0.0, 0.5, 0.8}) {
    double plain = 0, stepped = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      std::vector<double> y = ar1(phi, 400, seed);
      plain += correlation_of_differences(y) / 100;
      for (std::size_t t = 0; t < y.size(); ++t) y[t] += 10.0 * static_cast<double>(t / 100);
      stepped += correlation_of_differences(y) / 100;
    }
    EXPECT_NEAR(plain, phi, 0.05) << phi;
    EXPECT_NEAR(stepped, phi, 0.12) << phi;
  }
  EXPECT_EQ(correlation_of_differences(std::vector<double>(50, 3.0)), 0);
}

TEST(Noise, AlternatingNightsAreNotTakenForNegativeCorrelation) {
  std::vector<double> y;
  for (int t = 0; t < 100; ++t) y.push_back(t % 2 == 0 ? 1 : -1);
  EXPECT_EQ(lag1_correlation(y, 1), 0);
}

TEST(Noise, InnovationsForgetTheNightBefore) {
  const std::vector<double> y = ar1(0.7, 4000, 3), left = innovations(y, 0.7);
  double products = 0, squares = 0;
  for (std::size_t t = 1; t < left.size(); ++t) {
    products += left[t] * left[t - 1];
    squares += left[t] * left[t];
  }
  EXPECT_NEAR(products / squares, 0, 0.04);
  EXPECT_NEAR(squares / 4000, 1 - 0.49, 0.05);
}

TEST(Noise, ScoresAreThoseOfTheRanks) {
  const std::vector<double> plain = normal_scores(std::vector<double>{3, 1, 2, 5, 4});
  const std::vector<double> wild = normal_scores(std::vector<double>{3, 1, 2, 5e9, 4});
  EXPECT_EQ(plain, wild) << "only the order counts";
  EXPECT_NEAR(plain[0], 0, 1e-12) << "the middle";
  EXPECT_NEAR(plain[1], -plain[3], 1e-12);
  EXPECT_LT(plain[2], plain[4]);
  EXPECT_NEAR(std::accumulate(plain.begin(), plain.end(), 0.0), 0, 1e-12);
  EXPECT_NEAR(std::inner_product(plain.begin(), plain.end(), plain.begin(), 0.0), 5, 1e-12);
}

TEST(Noise, EqualValuesShareTheirScore) {
  const std::vector<double> scores = normal_scores(std::vector<double>{1, 2, 1, 2, 2});
  EXPECT_EQ(scores[0], scores[2]);
  EXPECT_EQ(scores[1], scores[4]);
  EXPECT_EQ(normal_scores(std::vector<double>(4, 7.0)), std::vector<double>(4, 0.0));
  EXPECT_TRUE(normal_scores({}).empty());
}

TEST(Noise, TheRobustDeviationIsThatOfNormalNoise) {
  EXPECT_NEAR(robust_sd(ar1(0, 10000, 5)), 1, 0.03);
  EXPECT_EQ(robust_sd({}), 0);
}

}  // namespace
}  // namespace kernelgate::history

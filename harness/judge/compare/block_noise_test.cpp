#include "harness/judge/compare/block_noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace kernelgate {
namespace {

TEST(BlockNoise, ReachesAreOfBlocksInARowAndHaveADirection) {
  std::vector<double> nights(30, 0.0);
  nights[4] = 9;
  nights[10] = nights[12] = 3;
  nights[11] = 1;
  nights[20] = nights[22] = -2;
  const BlockNoise noise = noise_of_blocks(nights, 3);
  EXPECT_EQ(noise.medians.highest, 3) << "one wild night is no block";
  EXPECT_EQ(noise.all.highest, 1) << "the least of the three";
  EXPECT_EQ(noise.medians.lowest, -2);
  EXPECT_EQ(noise.all.lowest, 0);
  EXPECT_EQ(noise.medians.towards(-0.1), 2);
  EXPECT_EQ(noise_of_blocks(nights, 1).medians.towards(1), 9);
}

TEST(BlockNoise, NightsThatLackTheCaseLeaveNoGap) {
  constexpr double missing = std::numeric_limits<double>::quiet_NaN();
  const BlockNoise noise = noise_of_blocks(std::vector<double>{0, 0, 5, missing, 6, missing, 7}, 3);
  EXPECT_EQ(noise.medians.highest, 6);
  EXPECT_EQ(noise.latest, 6);
  EXPECT_EQ(noise_of_blocks(std::vector<double>{missing}, 3).variance.df, 0);
}

TEST(BlockNoise, VarianceIsOfTheMediansUnlessTheyAreTooFew) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  std::vector<double> nights;
  for (int t = 0; t < 6000; ++t) nights.push_back(normal(random));
  const SampleVariance of_three = noise_of_blocks(nights, 3).variance;
  // Of the median of three normal values: 0.4487, by its density.
  EXPECT_NEAR(of_three.variance, 0.4487, 0.04);
  EXPECT_EQ(of_three.df, 1999);
  EXPECT_EQ(noise_of_blocks(std::span(nights).first(17), 3).variance.df, 16) << "five medians are too few";
}

}  // namespace
}  // namespace kernelgate

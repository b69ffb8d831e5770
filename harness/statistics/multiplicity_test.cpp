#include "harness/statistics/multiplicity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kernelgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Holm, StepsDownFromTheSmallest) {
  // 0.004 <= 0.02 / 4, 0.0065 <= 0.02 / 3, 0.011 > 0.02 / 2: there it ends, though 0.012 is below 0.02 / 1.
  const std::vector<double> p{0.011, 0.004, 0.012, 0.0065};
  EXPECT_THAT(holm(p, 0.02), ElementsAre(false, true, false, true));
  // Bonferroni would not have let 0.0065 fall, and the largest first would have let none.
  EXPECT_THAT(holm(std::vector<double>{0.0199, 0.0201}, 0.02), ElementsAre(false, false));
  EXPECT_THAT(holm(std::vector<double>{0.0199, 0.0099}, 0.02), ElementsAre(true, true));
}

TEST(Holm, EdgesAreInOrder) {
  EXPECT_THAT(holm({}, 0.05), IsEmpty());
  EXPECT_THAT(holm(std::vector<double>{0.05}, 0.05), ElementsAre(true)) << "at most alpha falls";
  EXPECT_THAT(holm(std::vector<double>{std::numeric_limits<double>::quiet_NaN()}, 0.05), ElementsAre(false));
}

TEST(Holm, EachFallsAtTheLevelThatWasLeft) {
  const std::vector<double> levels = holm_levels(std::vector<double>{0.001, 0.9, 0.012}, 0.03);
  EXPECT_THAT(levels, ElementsAre(0.01, 0.03, 0.015));
  EXPECT_THAT(holm_levels({}, 0.05), IsEmpty());
}

TEST(BenjaminiHochberg, StepsUpFromTheLargest) {
  // Source  the example of the 1995 paper, 15 p-values at 5 %: four fall.
  const std::vector<double> p{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                              0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};
  const std::vector<bool> fallen = benjamini_hochberg(p, 0.05);
  EXPECT_EQ(std::ranges::count(fallen, true), 4);
  EXPECT_TRUE(fallen[3]);
  // Steps up: 0.045 alone is too much for its rank, but the largest carries it.
  EXPECT_THAT(benjamini_hochberg(std::vector<double>{0.05, 0.045}, 0.05), ElementsAre(true, true));
}

}  // namespace
}  // namespace kernelgate

#include "bench/studies/real_histories/shifts.h"

#include <gtest/gtest.h>

namespace kernelgate::real_histories {
namespace {

/// Two levels; of three values about each, one is `around` above and one below.
std::vector<double> levels(std::size_t nights, std::size_t at, double change, double around) {
  std::vector<double> y;
  for (std::size_t t = 0; t < nights; ++t)
    y.push_back(around * (static_cast<double>(t % 3) - 1) + (t >= at ? change : 0));
  return y;
}

TEST(Shifts, OrderIsTheShareOfPairs) {
  const std::vector<double> low{1, 2}, high{2, 3};
  EXPECT_DOUBLE_EQ(auc(low, high), 0.875) << "one of four is a tie";
  EXPECT_DOUBLE_EQ(auc(high, low), 0.125);
}

TEST(Shifts, WhatAnyoneSeesIsFoundOnceWhereItIs) {
  const std::vector<Shift> found = shifts_in(levels(60, 23, 0.2, 0.01), obvious);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].at, 23U);
  EXPECT_NEAR(found[0].change, 0.2, 0.03);
}

TEST(Shifts, SmallOrBuriedOrShortOnesAreNotObvious) {
  EXPECT_TRUE(shifts_in(levels(60, 23, 0.04, 0.001), obvious).empty()) << "below 5 %";
  EXPECT_TRUE(shifts_in(levels(60, 23, 0.2, 0.05), obvious).empty()) << "four deviations";
  EXPECT_TRUE(shifts_in(levels(60, 57, 0.2, 0.01), obvious).empty()) << "three values";
  EXPECT_EQ(shifts_in(levels(60, 23, 0.04, 0.001), perhaps).size(), 1U);
}

TEST(Shifts, OfASlopeAllPlacesMayBeSteps) {
  std::vector<double> slope;
  for (int t = 0; t < 60; ++t) slope.push_back(0.01 * t);
  EXPECT_EQ(places_of_shifts(slope, perhaps).size(), 51U) << "all with five values each side";
  EXPECT_EQ(shifts_in(slope, perhaps).size(), 1U);
}

TEST(Shifts, AFewRunsOnAnotherLevelMayBeAStep) {
  std::vector<double> y = levels(60, 30, 0.2, 0.01);
  for (std::size_t t = 35; t < 60; ++t) y[t] -= 0.2;
  EXPECT_TRUE(places_of_shifts(y, perhaps).empty()) << "within fifteen it came back";
  EXPECT_FALSE(places_of_shifts(y, perhaps_for_short).empty());
}

TEST(Shifts, SupportIsInTheValuesBesideThePlace) {
  const std::vector<double> y = levels(60, 30, 0.2, 0.01);
  EXPECT_TRUE(has_support(y, 0, 30, 60, 0.2));
  EXPECT_FALSE(has_support(y, 0, 30, 60, -0.2)) << "the other way";
  EXPECT_FALSE(has_support(y, 0, 45, 60, 0.2)) << "another place";
}

}  // namespace
}  // namespace kernelgate::real_histories

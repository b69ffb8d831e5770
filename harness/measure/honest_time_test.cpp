#include "harness/measure/honest_time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kernelgate {
namespace {

using ::testing::HasSubstr;

constexpr double shortest_s = 1e-5;

Contestant honest() {
  Contestant one;
  one.samples_s = {1.00e-4, 1.02e-4, 1.01e-4, 1.05e-4, 1.01e-4};
  one.checked_s = {1.1e-4, 1.02e-4, 1.3e-4};
  one.unchanged_s = {1.0e-4, 1.02e-4, 1.3e-4};
  one.doubled_s = {1.0e-4, 0.98e-4, 1.01e-4};
  one.late_s = {1e-6, 0, 2e-6, 0, 0};
  return one;
}

TEST(HonestTime, NothingSpeaksAgainstAnHonestOne) {
  EXPECT_EQ(why_no_time(honest(), shortest_s), "");
  EXPECT_EQ(why_no_time(Contestant{}, shortest_s), "") << "nothing was measured";
}

TEST(HonestTime, WorkAfterTheEndIsNotInTheTime) {
  Contestant one = honest();
  one.late_s = {2.2e-5, 2.2e-5, 2.2e-5, 0, 0};
  EXPECT_THAT(why_no_time(one, shortest_s), HasSubstr("the device worked on for 22 us after the timed 101 us"));
  one.late_s = {1.9e-5, 1.9e-5, 1.9e-5, 3e-4, 3e-4};
  EXPECT_EQ(why_no_time(one, shortest_s), "") << "the median is below a fifth";
}

TEST(HonestTime, NewInputsMustNotTakeLonger) {
  Contestant one = honest();
  one.unchanged_s = std::vector<double>(8, 1e-4);
  one.checked_s = {9e-4, 8e-4, 9e-4, 8e-4, 8e-4, 8e-4, 1.6e-4, 9e-4};
  EXPECT_TRUE(slower_when_new(one));
  EXPECT_THAT(why_no_time(one, shortest_s), HasSubstr("with new ones it takes 800 us, else 100 us"));
  one.unchanged_s.pop_back();
  EXPECT_EQ(why_no_time(one, shortest_s), "") << "seven may be an accident";
  one.unchanged_s.push_back(1.1e-4);
  EXPECT_FALSE(slower_when_new(one)) << "one with the old inputs was as slow";
  one.unchanged_s.back() = 1e-4;
  one.checked_s.back() = 1.5e-4;
  EXPECT_FALSE(slower_when_new(one)) << "one was as fast";
  EXPECT_EQ(why_no_time(one, shortest_s), "");
}

TEST(HonestTime, NewInputsAreSuspiciousBesideTheOtherSamplesFirst) {
  Contestant one = honest();
  one.unchanged_s.clear();
  one.checked_s = {1.6e-4};
  EXPECT_TRUE(slower_when_new(one));
  EXPECT_EQ(why_no_time(one, shortest_s), "") << "nothing was taken likewise with the old inputs";
  one.checked_s = {1.5e-4};
  EXPECT_FALSE(slower_when_new(one));
  EXPECT_FALSE(slower_when_new(Contestant{}));
}

TEST(HonestTime, TwiceTheLaunchesTakeTwiceTheTime) {
  Contestant one = honest();
  one.launches_per_sample = 4;
  one.single_s = std::vector<double>(8, 1e-4);
  one.doubled_s = std::vector<double>(9, 0.5e-4);
  EXPECT_TRUE(quicker_when_doubled(one));
  EXPECT_THAT(why_no_time(one, shortest_s), HasSubstr("4 launches in a row take 400 us, and twice as many 400 us"));
  one.single_s.back() = 0.7e-4;
  EXPECT_FALSE(quicker_when_doubled(one)) << "one beside them was as quick";
  one.single_s.pop_back();
  EXPECT_TRUE(quicker_when_doubled(one));
  EXPECT_EQ(why_no_time(one, shortest_s), "") << "seven may be an accident";
  one.doubled_s.back() = 0.75e-4;
  EXPECT_FALSE(quicker_when_doubled(one)) << "one was as slow as it must be";
  one.samples_s = std::vector<double>(5, 9e-6);
  one.launches_per_sample = 1;
  one.single_s = std::vector<double>(8, 9e-6);
  one.doubled_s = std::vector<double>(8, 4.5e-6);
  EXPECT_EQ(why_no_time(one, 1e-6), "") << "the timer's own time may be half of it";
}

TEST(HonestTime, ARegionThatShrankIsTooShort) {
  Contestant one = honest();
  one.samples_s = one.checked_s = one.doubled_s = std::vector<double>(5, 1e-6);
  one.launches_per_sample = 3;
  EXPECT_EQ(why_no_time(one, shortest_s), "") << "3 us of 10";
  one.launches_per_sample = 2;
  EXPECT_THAT(why_no_time(one, shortest_s), HasSubstr("too short for the timer: a region of 2 launches took 2 us"));
}

TEST(HonestTime, NoDeviceIsFasterThanItsPeaks) {
  Contestant one = honest();
  one.floor_s = 1.02e-4;
  EXPECT_THAT(why_no_time(one, shortest_s), HasSubstr("impossible: 101 us"));
  one.floor_s = 1.0e-4;
  EXPECT_EQ(why_no_time(one, shortest_s), "");
}

TEST(Floor, IsAQuarterOfThePeaksAndOnlyColdWorkReadsMemory) {
  EXPECT_DOUBLE_EQ(floor_s(8e9, 0, 1e12, 0, CacheState::hot), 2e-3);
  EXPECT_DOUBLE_EQ(floor_s(8e9, 4e10, 1e12, 1e12, CacheState::hot), 2e-3);
  EXPECT_DOUBLE_EQ(floor_s(1e9, 8e9, 1e12, 1e12, CacheState::cold), 2e-3);
  EXPECT_EQ(floor_s(8e9, 8e9, 0, 0, CacheState::cold), 0) << "nothing is known";
}

}  // namespace
}  // namespace kernelgate

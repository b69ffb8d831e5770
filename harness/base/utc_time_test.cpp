// Times and dates as documents write them.
#include "harness/base/utc_time.h"

#include <gtest/gtest.h>

namespace kernelgate {
namespace {

TEST(UtcTime, SecondsAndTextAreEachOthersInverse) {
  EXPECT_EQ(seconds_of("2026-02-03T04:05:06Z"), 1770091506);
  EXPECT_EQ(utc_text(1770091506), "2026-02-03T04:05:06Z");
  EXPECT_FALSE(seconds_of("tomorrow"));
  EXPECT_EQ(utc_text(*seconds_of(utc_now())).size(), 20U);
}

TEST(UtcTime, ADateIsADayOfTheCalendar) {
  for (const char* date : {"2026-11-22", "1970-01-01", "2028-02-29"}) EXPECT_TRUE(is_date(date)) << date;
  for (const char* other : {"", "2026-02-30", "2026-13-01", "1969-12-31", "2026-1-22", "2026-11-22T", "20261122  "})
    EXPECT_FALSE(is_date(other)) << other;
}

TEST(UtcTime, ANightIsCountedFromNoonToNoon) {
  EXPECT_EQ(night_of("2026-02-03T12:00:00Z"), "2026-02-03");
  EXPECT_EQ(night_of("2026-02-04T11:59:59Z"), "2026-02-03");
  EXPECT_EQ(night_of("2026-02-04T12:00:00Z"), "2026-02-04");
  EXPECT_EQ(night_of("yesterday"), "");
}

TEST(UtcTime, DaysAreAddedAndCounted) {
  EXPECT_EQ(days_later("2026-02-27T04:05:06Z", 2), "2026-03-01T04:05:06Z");
  EXPECT_EQ(days_later("never", 2), "");
  EXPECT_EQ(days_between("2026-02-27T04:05:06Z", "2026-03-01T04:05:05Z"), 1);
  EXPECT_FALSE(days_between("never", "2026-03-01T04:05:05Z"));
}

}  // namespace
}  // namespace kernelgate

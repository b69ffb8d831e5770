#include "harness/predict/replay/mbarriers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"

namespace kernelgate::predict {
namespace {

constexpr std::uint32_t at = 0x400;

TEST(Mbarriers, APhaseEndsWithItsLastArrival) {
  Mbarriers all;
  all.init(at, 2);
  EXPECT_EQ(all.over(at, 1, 5)->at, 5);  // the phase before the first is over
  EXPECT_FALSE(all.over(at, 0, 5));
  all.arrive(at, 1, 40);
  EXPECT_FALSE(all.over(at, 0, 50));
  all.arrive(at, 1, 30);
  EXPECT_EQ(all.over(at, 0, 10)->at, 40);
  EXPECT_EQ(all.over(at, 0, 60)->at, 60);  // over since long
  EXPECT_FALSE(all.over(at, 1, 60));       // and the next one goes on
}

TEST(Mbarriers, APhaseEndsWithItsLastByteAndSaysSo) {
  Mbarriers all;
  all.init(at, 1);
  all.expect(at, 3072);
  all.arrive(at, 1, 10);
  all.land(at, 1024, 700);
  EXPECT_THAT(all.describe(at), testing::HasSubstr("phase 0 lacks 0 of 1 arrivals and 2048 bytes"));
  EXPECT_FALSE(all.over(at, 0, 800));
  all.land(at, 2048, 600);
  EXPECT_EQ(all.over(at, 0, 20)->at, 700);
  EXPECT_EQ(all.over(at, 0, 20)->reason, Reason::tma);
}

TEST(Mbarriers, BytesOfAnotherBlockMayLandBeforeTheyAreExpected) {
  Mbarriers all;
  all.init(at, 1);
  all.land(at, 512, 90);
  EXPECT_FALSE(all.over(at, 0, 100));
  all.expect(at, 512);
  all.arrive(at, 1, 95);
  EXPECT_EQ(all.over(at, 0, 0)->at, 95);
  EXPECT_EQ(all.over(at, 0, 0)->reason, Reason::mbarrier);
}

TEST(Mbarriers, RefusesOneArrivalTooMany) {
  Mbarriers all;
  EXPECT_THROW(all.arrive(at, 1, 0), HarnessError);
  EXPECT_THROW(all.over(at, 0, 0), HarnessError);
  all.init(at, 2);
  EXPECT_THROW(all.arrive(at, 3, 0), HarnessError);
}

}  // namespace
}  // namespace kernelgate::predict

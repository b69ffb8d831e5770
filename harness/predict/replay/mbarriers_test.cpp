#include "harness/predict/replay/mbarriers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"

namespace kernelgate::predict {
namespace {

constexpr std::uint32_t barrier = 0x400;

TEST(Mbarriers, APhaseEndsWithItsLastArrival) {
  Mbarriers all;
  all.init(barrier, 2);
  EXPECT_EQ(all.over(barrier, 1, 5)->at, 5);  // the phase before the first is over
  EXPECT_FALSE(all.over(barrier, 0, 5));
  all.arrive(barrier, 1, 40);
  EXPECT_FALSE(all.over(barrier, 0, 50));
  all.arrive(barrier, 1, 30);
  EXPECT_EQ(all.over(barrier, 0, 10)->at, 40);
  EXPECT_EQ(all.over(barrier, 0, 60)->at, 60);  // over since long
  EXPECT_FALSE(all.over(barrier, 1, 60));       // and the next one goes on
}

TEST(Mbarriers, APhaseEndsWithItsLastByteAndSaysSo) {
  Mbarriers all;
  all.init(barrier, 1);
  all.expect(barrier, 3072);
  all.arrive(barrier, 1, 10);
  all.land(barrier, 1024, 700);
  EXPECT_THAT(all.describe(barrier), testing::HasSubstr("phase 0 lacks 0 of 1 arrivals and 2048 bytes"));
  EXPECT_FALSE(all.over(barrier, 0, 800));
  all.land(barrier, 2048, 600);
  EXPECT_EQ(all.over(barrier, 0, 20)->at, 700);
  EXPECT_EQ(all.over(barrier, 0, 20)->reason, Reason::tma);
}

TEST(Mbarriers, BytesOfAnotherBlockMayLandBeforeTheyAreExpected) {
  Mbarriers all;
  all.init(barrier, 1);
  all.land(barrier, 512, 90);
  EXPECT_FALSE(all.over(barrier, 0, 100));
  all.expect(barrier, 512);
  all.arrive(barrier, 1, 95);
  EXPECT_EQ(all.over(barrier, 0, 0)->at, 95);
  EXPECT_EQ(all.over(barrier, 0, 0)->reason, Reason::mbarrier);
}

TEST(Mbarriers, RefusesOneArrivalTooMany) {
  Mbarriers all;
  EXPECT_THROW(all.arrive(barrier, 1, 0), HarnessError);
  EXPECT_THROW(all.over(barrier, 0, 0), HarnessError);
  all.init(barrier, 2);
  EXPECT_THROW(all.arrive(barrier, 3, 0), HarnessError);
}

}  // namespace
}  // namespace kernelgate::predict

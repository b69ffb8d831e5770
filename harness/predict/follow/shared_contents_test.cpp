// What threads leave in shared memory is known to those that find it there, and what others bring is not.

#include "harness/predict/follow/shared_contents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "harness/predict/replay/written_for_test.h"

namespace kernelgate::predict {
namespace {

TEST(SharedContents, KnowsTheBytesThatWereStored) {
  SharedContents contents;
  std::uint32_t value = 0;
  EXPECT_FALSE(contents.load(0, 4, value));
  contents.store(8, 4, 0x04030201);
  contents.store(9, 1, 0xff);
  EXPECT_TRUE(contents.load(8, 4, value));
  EXPECT_EQ(value, 0x0403ff01u);
  EXPECT_TRUE(contents.load(10, 2, value));
  EXPECT_EQ(value, 0x0403u);
  EXPECT_FALSE(contents.load(9, 4, value)) << "its last byte was never stored";
  contents.forget(11, 100);
  EXPECT_FALSE(contents.load(8, 4, value));
  EXPECT_TRUE(contents.load(8, 2, value));
  contents.store(0xfffffffe, 4, 1);  // no shared memory is there
  EXPECT_FALSE(contents.load(0xfffffffe, 4, value));
}

/// Thread t stores t at 4 t; after `between` it reads what thread 63 - t stored, and goes on where that is at least 40.
/// Which lanes of both warps do.
std::vector<std::uint32_t> followed(const std::string& between) {
  const SassKernel kernel = for_test::written(R"(
  4 S2R R0, SR_TID.X
  4 IMAD.SHL.U32 R1, R0, 0x4, RZ
  4 IADD3 R3, -R1, 0xfc, RZ
  4 STS [R1], R0
)" + between + R"(
  4 LDS R2, [R3]
  12 ISETP.GE.AND P0, PT, R2, 0x28, PT
  4 @P0 LDS R6, [R1]
  5 EXIT
)");
  LaunchFacts launch;
  launch.block = {64, 1, 1};
  std::vector<std::uint32_t> lanes;
  for (const WarpTrace& warp : follow_block(kernel, launch, {0, 0, 0}).warps)
    lanes.push_back(warp.steps[warp.steps.size() - 2].lanes);
  return lanes;
}

TEST(SharedContents, AreWhatOtherWarpsStoredBeforeABarrier) {
  EXPECT_THAT(followed("4 BAR.SYNC.DEFER_BLOCKING 0x0"), testing::ElementsAre(0x00ffffffu, 0u));
  EXPECT_THAT(followed("4 BAR.SYNC.DEFER_BLOCKING 0x1, 0x40"), testing::ElementsAre(0x00ffffffu, 0u));
}

TEST(SharedContents, ArePartlyKnownWithoutABarrier) {
  // The first warp is there before the second has stored anything.
  EXPECT_THROW(followed(""), HarnessError);
}

TEST(SharedContents, AreForgottenWhereCopiesMayHaveCome) {
  EXPECT_THROW(followed("4 LDGSTS.E [R1], desc[UR4][R2.64]\n4 BAR.SYNC.DEFER_BLOCKING 0x0"), HarnessError);
  EXPECT_THROW(followed("4 ATOMS.ADD R9, [R1], R0\n4 BAR.SYNC.DEFER_BLOCKING 0x0"), HarnessError);
  EXPECT_THROW(followed("4 LDG.E R9, desc[UR4][R2.64]\n4 BAR.SYNC.DEFER_BLOCKING 0x0\n4 STS [R9], R0"), HarnessError)
      << "it may be anywhere";
}

}  // namespace
}  // namespace kernelgate::predict

// Trip counts that lie in memory: known where a table was made before the launch, and an error where not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "harness/base/error.h"
#include "harness/predict/replay/written_for_test.h"

namespace kernelgate::predict {
namespace {

// As many rounds as the word says that the first parameter points to.
const char* const loop = R"(
  4 LDC.64 R2, c[0x0][0x210]
  4 w0 LDG.E R4, desc[UR4][R2.64]
  4 MOV R5, RZ
  4 :0 VIADD R5, R5, 0x1
  12 ISETP.LT.AND P0, PT, R5, R4, PT
  5 @P0 BRA 0x30
  5 EXIT
)";

std::size_t steps(std::int32_t rounds, bool known, const std::string& lines = loop) {
  const SassKernel kernel = for_test::written(lines);
  LaunchFacts launch;
  launch.block = {32, 1, 1};
  const std::int32_t* const at = &rounds;
  launch.parameters.resize(8);
  std::memcpy(launch.parameters.data(), &at, 8);
  if (known) launch.tables.push_back(std::as_bytes(std::span(at, 1)));
  return follow_block(kernel, launch, {0, 0, 0}).warps[0].steps.size();
}

TEST(Tables, WhatTheyHoldIsFollowed) {
  EXPECT_EQ(steps(1, true), 7u);
  EXPECT_EQ(steps(5, true), 7u + 4 * 3);
}

TEST(Tables, OtherMemoryIsNot) {
  try {
    steps(5, false);
    FAIL() << "it was followed";
  } catch (const HarnessError& why) {
    EXPECT_THAT(why.what(), testing::HasSubstr("0x0050 @P0 BRA 0x30: whether it is executed depends on what memory"));
  }
}

TEST(Tables, WhatIsWrittenIsNoted) {
  std::int32_t word = 0;
  const std::int32_t* const at = &word;
  LaunchFacts launch;
  launch.block = {32, 1, 1};
  launch.parameters.resize(8);
  std::memcpy(launch.parameters.data(), &at, 8);
  launch.tables.push_back(std::as_bytes(std::span(at, 1)));
  const BlockTrace trace = follow_block(
      for_test::written("4 LDC.64 R2, c[0x0][0x210]\n4 STG.E desc[UR4][R2.64], RZ\n5 EXIT\n"), launch, {0, 0, 0});
  EXPECT_EQ(trace.counts.tables_written, 1u);
  EXPECT_EQ(trace.counts.tables_read, 0u);
}

// The first parameter is 0: P0 where it is compared with 0, and the guard of the jump is known.
TEST(Tables, FloatsThatAreKnownAreCompared) {
  const auto rounds = [](const std::string& comparison) {
    LaunchFacts launch;
    launch.block = {32, 1, 1};
    launch.parameters.resize(8);
    return follow_block(for_test::written("4 " + comparison + "\n5 @P0 EXIT\n4 MOV R1, RZ\n4 MOV R1, RZ\n5 EXIT\n"),
                        launch, {0, 0, 0})
        .warps[0]
        .steps.size();
  };
  EXPECT_EQ(rounds("FSETP.EQ.AND P0, PT, RZ, c[0x0][0x210], PT"), 2u);
  EXPECT_EQ(rounds("FSETP.NEU.AND P0, PT, RZ, c[0x0][0x210], PT"), 5u);
  EXPECT_EQ(rounds("FSETP.GT.AND P0, PT, RZ, -1.5, PT"), 2u);
  EXPECT_EQ(rounds("FSETP.LT.OR P0, PT, RZ, -1.5, PT"), 2u);  // or true
  EXPECT_THROW(rounds("FSETP.EQ.AND P0, PT, RZ, c[0x0][0x208], PT"), HarnessError);
}

// Thread t takes element t of the parameters, if it is there.
TEST(Tables, AnIndexIntoTheParametersIsFollowed) {
  LaunchFacts launch;
  launch.block = {32, 1, 1};
  launch.parameters.resize(32 * 4);
  for (int i = 0; i < 32; ++i) std::memcpy(launch.parameters.data() + 4 * i, &i, 4);
  const auto lanes = [&](const std::string& load) {
    const SassKernel kernel = for_test::written("4 S2R R0, SR_TID.X\n4 IMAD.SHL.U32 R1, R0, 0x4, RZ\n4 " + load +
                                                "\n12 ISETP.LT.AND P0, PT, R2, 0x5, PT\n4 @P0 LDS R6, [R1]\n5 EXIT\n");
    return follow_block(kernel, launch, {0, 0, 0}).warps[0].steps[4].lanes;
  };
  EXPECT_EQ(lanes("LDC R2, c[0x0][R1+0x210]"), 0x1fu);
  EXPECT_EQ(lanes("LDC.U16 R2, c[0x0][R1+0x210]"), 0x1fu);
  EXPECT_EQ(lanes("LDC.U8 R2, c[0x0][R1+0x210]"), 0x1fu);
  EXPECT_EQ(lanes("LDC.U16 R2, c[0x0][R1+0x212]"), ~0u) << "the upper halves are 0";
  EXPECT_THROW(lanes("LDC R2, c[0x3][R1+0x210]"), HarnessError) << "another bank";
}

// The block that arrives last goes on, and the others end.
TEST(Tables, AnIncrementThatWrapsSaysWhoComesLast) {
  const auto steps_of = [](const std::string& increment, bool last) {
    LaunchFacts launch;
    launch.block = {32, 1, 1};
    launch.arrives_last = last;
    const BlockTrace trace =
        follow_block(for_test::written("4 MOV R5, 0x3\n4 MOV R10, 0x3\n4 " + increment +
                                       "\n12 ISETP.NE.AND P0, PT, R10, 0x3, PT\n5 @P0 EXIT\n4 MOV R1, RZ\n5 EXIT\n"),
                     launch, {0, 0, 0});
    return std::pair(trace.warps[0].steps.size(), trace.counts.arrivals);
  };
  const std::string increment = "ATOMG.E.INC.STRONG.GPU PT, R10, desc[UR10][R2.64], R5";
  EXPECT_EQ(steps_of(increment, true), std::pair(7ul, 32ul));
  EXPECT_EQ(steps_of(increment, false), std::pair(5ul, 32ul));
  EXPECT_THROW(steps_of("ATOMG.E.ADD.STRONG.GPU PT, R10, desc[UR10][R2.64], R5", true), HarnessError);
}

}  // namespace
}  // namespace kernelgate::predict

// Warps that wait for each other, for TMA and for the Tensor Cores, in kernels of a few instructions.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "harness/predict/model/launch_model.h"
#include "harness/predict/replay/written_for_test.h"

namespace kernelgate::predict {
namespace {

using for_test::Written;
using testing::HasSubstr;

// One mbarrier at 0x400 of one arrival; warp 0 loads a box, warp 1 waits for it.
const char* const one_box = R"(
  4 S2R R0, SR_TID.X
  4 ISETP.GE.U32.AND P0, PT, R0, 0x20, PT
  1 UMOV UR4, 0x1ffffe
  1 UMOV UR5, 0x0
  1 UMOV UR6, 0x400
  1 @!P0 SYNCS.EXCH.64 URZ, [UR6], UR4
  1 BAR.SYNC.DEFER_BLOCKING 0x0
  5 @P0 BRA 0x120
  1 ELECT P1, URZ, PT
  5 @!P1 EXIT
  1 MOV R2, 0x2000
  1 MOV R3, 0x400
  1 UMOV UR9, 0x400
  1 UMOV UR8, 0x800
  1 ULDC.64 UR12, c[0x0][0x198]
  1 SYNCS.ARRIVE.TRANS64 RZ, [R3+URZ], R2
  1 UTMALDG.2D [UR8], [UR12], desc[UR6]
  5 EXIT
  1 MOV R3, 0x400
  2 w1 SYNCS.PHASECHK.TRANS64.TRYWAIT P2, [R3+URZ], RZ
  5 :1 EXIT
)";

TEST(Roles, AWaitEndsWhenTheBoxHasLanded) {
  Written kernel(one_box, 64);
  EXPECT_EQ(kernel.blocks[0].counts.tma_read_bytes, 8192u);
  EXPECT_EQ(kernel.blocks[0].counts.mbarrier_waits, 32u);
  const Replay replay = kernel.replayed();
  const double loaded = Written::at(replay, 0, 16), over = Written::at(replay, 1, 19),
               next = Written::at(replay, 1, 20);
  EXPECT_NEAR(over - loaded, 370 + 8192 / 64.0, 2);
  EXPECT_NEAR(next - over, kernel.gpu.mbarrier_wait, 1);
  EXPECT_EQ(replay.issues[1].rbegin()[1].reason, Reason::tma);
}

TEST(Roles, BytesThatNobodyBringsAreADeadlockThatSaysWhere) {
  std::string lines = one_box;
  lines.replace(lines.find("1 MOV R2, 0x2000"), 16, "1 MOV R2, 0x2100");
  Written kernel(lines, 64);
  try {
    kernel.replayed();
    FAIL() << "it ended";
  } catch (const HarnessError& why) {
    EXPECT_EQ(why.code, ExitCode::invalid);
    EXPECT_THAT(why.what(), HasSubstr("warp 1 of block 0 at 0x0130 SYNCS.PHASECHK.TRANS64.TRYWAIT"));
    EXPECT_THAT(why.what(), HasSubstr("the mbarrier at 0x400: phase 0 lacks 0 of 1 arrivals and 256 bytes"));
  }
}

TEST(Roles, WhatTheModelDoesNotKnowIsNamed) {
  const auto refuses = [](const std::string& line, const char* what) {
    try {
      Written("1 " + line + "\n5 EXIT\n", 32);
      FAIL() << line;
    } catch (const HarnessError& why) {
      EXPECT_THAT(why.what(), HasSubstr(what)) << line;
    }
  };
  refuses("UBLKCP [UR8], [UR4], UR6", "0x0000 UBLKCP [UR8], [UR4], UR6: is not in the model");
  refuses("SYNCS.ARRIVE.TRANS64.A0T1 RZ, [R3+URZ], R2", "an mbarrier's operation that is not in the model");
  refuses("UTMASTG.4D.IM2COL [UR8], [UR4], UR6", "a kind of TMA operation that is not in the model");
  refuses("UTMALDG.2D [UR8], [UR4], desc[UR6]", "its tensor map is no parameter of the kernel");
  refuses("HGMMA.64x8x16.F32 R24, R4, gdesc[UR8], R24", "wgmma with A in registers is not in the model");
  refuses("BAR.RED.POPC.DEFER_BLOCKING 0x1, 0x80", "a kind of barrier that is not in the model");
}

// Before its wait 20 instructions of 15 cycles, behind it one. Whose the time before is, the kernel's reasons don't
// say.
std::string waits_for_the_one_before() {
  std::string lines;
  for (int i = 0; i < 20; ++i) lines += "15 NOP\n";
  return lines + "1 PREEXIT\n 5 ACQBULK\n 9 NOP\n 5 EXIT\n";
}

TEST(Roles, AWaitForTheKernelBeforeEndsWhenThatHasEnded) {
  Written kernel(waits_for_the_one_before(), 32);
  EXPECT_NEAR(Written::at(kernel.replayed(), 0, 22), 306, 1);
  kernel.options.previous_ends = 100;
  EXPECT_NEAR(Written::at(kernel.replayed(), 0, 22), 306, 1);
  kernel.options.previous_ends = 2000;
  const Replay late = kernel.replayed();
  EXPECT_EQ(Written::at(late, 0, 21), 2000);
  double waited = 0;
  for (const double cycles : late.cycles_by_reason) waited += cycles;
  EXPECT_LT(waited, 400);
}

TEST(Roles, WhatIsBeforeTheWaitIsNotInTheTimeBehindAnotherKernel) {
  Written kernel(waits_for_the_one_before(), 32);
  const auto seconds = [&](bool overlaps) {
    kernel.launch.overlaps_previous = overlaps;
    LaunchQuestion question;
    question.kernel = &kernel.kernel;
    question.launch = &kernel.launch;
    question.blocks = &kernel.blocks;
    return predict_launch(question, kernel.gpu);
  };
  const LaunchPrediction alone = seconds(false), behind = seconds(true);
  EXPECT_FALSE(alone.overlaps);
  EXPECT_EQ(alone.launch_s, kernel.gpu.launch_s);
  EXPECT_EQ(behind.launch_s, kernel.gpu.graph_node_s);
  EXPECT_NEAR((alone.blocks_s - behind.blocks_s) * kernel.gpu.clock_hz, 301, 2);
}

// 64x256x16 takes the Tensor Cores 128 cycles, and its sums are there 43 later.
TEST(Roles, ProductsOfAWarpgroup) {
  Written kernel(R"(
  1 WARPGROUP.ARRIVE
  1 HGMMA.64x256x16.F32 R24, gdesc[UR8], R24
  1 HGMMA.64x256x16.F32 R24, gdesc[UR8], R24, gsb0
  1 WARPGROUP.DEPBAR.LE gsb0, 0x0
  5 EXIT
)",
                 128);
  EXPECT_EQ(kernel.blocks[0].counts.tensor_flop, 2u * 2 * 64 * 256 * 16);
  const Replay replay = kernel.replayed();
  EXPECT_NEAR(Written::at(replay, 0, 3) - Written::at(replay, 3, 1), 2 * 128 + 43, 1);
  EXPECT_EQ(replay.issues[0][3].reason, Reason::tensor);
}

TEST(Roles, NarrowProductsAreBoundByWhatTheyRead) {
  Written kernel(R"(
  1 HGMMA.64x16x16.F32 R24, gdesc[UR8], R24
  1 HGMMA.64x16x16.F32 R24, gdesc[UR8], R24, gsb0
  1 WARPGROUP.DEPBAR.LE gsb0, 0x0
  5 EXIT
)",
                 128);
  const Replay replay = kernel.replayed();
  EXPECT_NEAR(Written::at(replay, 0, 2) - Written::at(replay, 3, 0), 2 * (64 + 16) * 32 / 128 + 43, 1);
}

// Two of the block's four warps meet at barrier 1; the others are not asked.
TEST(Roles, ABarrierWithANumberIsOfSomeWarps) {
  Written kernel(R"(
  4 S2R R0, SR_TID.X
  4 ISETP.GE.U32.AND P0, PT, R0, 0x40, PT
  5 @P0 EXIT
  9 NOP
  1 BAR.SYNC.DEFER_BLOCKING 0x1, 0x40
  5 EXIT
)",
                 128);
  EXPECT_EQ(kernel.blocks[0].counts.named_barriers, 1);
  EXPECT_EQ(kernel.blocks[0].counts.block_barriers, 0u);
  const Replay replay = kernel.replayed();
  EXPECT_NEAR(Written::at(replay, 0, 5) - Written::at(replay, 0, 4), kernel.gpu.barrier_release, 2);
}

// Block 1 comes 15 cycles later, and both go on when it is known at both.
TEST(Roles, AClustersBarrierWaitsForAllItsBlocks) {
  Written kernel(R"(
  4 S2R R0, SR_CgaCtaId
  4 ISETP.EQ.U32.AND P0, PT, R0, RZ, PT
  5 @P0 BRA 0x40
  15 NOP
  1 UCGABAR_ARV
  1 UCGABAR_WAIT
  5 EXIT
)",
                 32, 2);
  const Replay replay = kernel.replayed();
  const double arrived = Written::at(replay, 1, 4);
  EXPECT_EQ(Written::at(replay, 0, 5), arrived + kernel.gpu.cluster_barrier);
  EXPECT_EQ(Written::at(replay, 1, 5), arrived + kernel.gpu.cluster_barrier);
  EXPECT_EQ(replay.issues[0].rbegin()[1].reason, Reason::cluster);
}

// Block 1 arrives at block 0's mbarrier: 0x654 puts the rank into an address's upper byte.
TEST(Roles, AnArrivalAtAnotherBlockTakesLonger) {
  Written kernel(R"(
  4 S2R R0, SR_CgaCtaId
  4 ISETP.NE.U32.AND P0, PT, R0, RZ, PT
  1 UMOV UR4, 0x1ffffe
  1 UMOV UR5, 0x0
  1 UMOV UR6, 0x400
  1 @!P0 SYNCS.EXCH.64 URZ, [UR6], UR4
  1 UCGABAR_ARV
  1 UCGABAR_WAIT
  4 MOV R3, 0x400
  4 PRMT R4, RZ, 0x654, R3
  1 ELECT P1, URZ, PT
  4 PLOP3.LUT P1, PT, P0, P1, PT, 0x80, 0x0
  1 @P1 SYNCS.ARRIVE.TRANS64.RED.A1T0 RZ, [R4+URZ], RZ
  5 @P0 EXIT
  2 w1 SYNCS.PHASECHK.TRANS64.TRYWAIT P2, [R3+URZ], RZ
  5 :1 EXIT
)",
                 32, 2);
  const Replay replay = kernel.replayed();
  EXPECT_EQ(Written::at(replay, 0, 14) - Written::at(replay, 1, 12), kernel.gpu.remote_arrive);
  EXPECT_EQ(replay.issues[0].rbegin()[1].reason, Reason::mbarrier);
}

// Both blocks get a box that block 0 loads.
TEST(Roles, AMulticastIsLoadedOnceAndLandsInAllBlocks) {
  Written kernel(R"(
  4 S2R R0, SR_CgaCtaId
  4 ISETP.NE.U32.AND P0, PT, R0, RZ, PT
  1 UMOV UR4, 0x1ffffe
  1 UMOV UR5, 0x0
  1 UMOV UR6, 0x400
  1 SYNCS.EXCH.64 URZ, [UR6], UR4
  1 MOV R2, 0x2000
  1 MOV R3, 0x400
  1 ELECT P1, URZ, PT
  1 @P1 SYNCS.ARRIVE.TRANS64 RZ, [R3+URZ], R2
  1 UCGABAR_ARV
  1 UCGABAR_WAIT
  1 UMOV UR9, 0x400
  1 UMOV UR8, 0x800
  1 UMOV UR18, 0x30000
  1 ULDC.64 UR12, c[0x0][0x198]
  4 PLOP3.LUT P1, PT, P1, P0, PT, 0x20, 0x0
  1 @P1 UTMALDG.2D.MULTICAST [UR8], [UR12], UR18, desc[UR6]
  2 w1 SYNCS.PHASECHK.TRANS64.TRYWAIT P2, [R3+URZ], RZ
  5 :1 EXIT
)",
                 32, 2);
  EXPECT_EQ(kernel.blocks[0].counts.tma_read_bytes + kernel.blocks[1].counts.tma_read_bytes, 8192u);
  const Replay replay = kernel.replayed();
  EXPECT_EQ(replay.l2_sectors, 8192u / 32);
  const double loaded = Written::at(replay, 0, 17);
  EXPECT_NEAR(Written::at(replay, 0, 18) - loaded, 370 + 100 + 8192 / 64.0, 2);
  EXPECT_NEAR(Written::at(replay, 1, 18) - loaded, 370 + 100 + 8192 / 64.0, 2);
}

// Warps 4 to 7 want 232 registers each; the pool has them once warps 0 to 3 have gone down to 40.
TEST(Roles, RegistersAreTakenWhenOthersHaveFreedThem) {
  Written kernel(R"(
  4 S2R R0, SR_TID.X
  4 ISETP.GE.U32.AND P0, PT, R0, 0x80, PT
  5 @P0 BRA 0x60
  15 NOP
  1 USETMAXREG.DEALLOC.CTAPOOL 0x28
  5 EXIT
  2 USETMAXREG.TRY_ALLOC.CTAPOOL UP0, 0xe8
  5 EXIT
)",
                 256);
  kernel.options.registers = 136;
  const Replay replay = kernel.replayed();
  EXPECT_GE(Written::at(replay, 4, 6), Written::at(replay, 0, 4));
  kernel.options.registers = 100;  // not enough even so
  EXPECT_THROW(kernel.replayed(), HarnessError);
}

// A load through the cluster's window, from the block's own shared memory and from the other one's.
TEST(Roles, AnotherBlocksSharedMemoryIsFurtherAway) {
  const auto waited = [](const char* rank) {
    Written kernel(std::string(R"(
  4 S2R R0, SR_CgaCtaId
  4 ISETP.NE.U32.AND P0, PT, R0, RZ, PT
  5 @P0 EXIT
  4 MOV R2, )") + rank +
                       R"(
  4 S2R R3, SR_SWINHI
  4 w1 LD.E.128 R4, [R2]
  5 :1 EXIT
)",
                   32, 2);
    const Replay replay = kernel.replayed();
    return Written::at(replay, 0, 6) - Written::at(replay, 0, 5);
  };
  EXPECT_LT(waited("0x400"), 60);
  EXPECT_NEAR(waited("0x1000400"), 200 + 512 / 19.9, 2);
}

// A store through the window goes on at once, and the cluster's barrier behind it lasts until it has landed.
TEST(Roles, AClustersBarrierWaitsForStoresToOtherBlocks) {
  const auto until_over = [](const char* address) {
    Written kernel(std::string(R"(
  4 S2R R0, SR_CgaCtaId
  12 ISETP.NE.U32.AND P0, PT, R0, RZ, PT
  4 MOV R2, )") + address +
                       R"(
  4 S2R R3, SR_SWINHI
  4 @!P0 ST.E [R2], R4
  4 UCGABAR_ARV
  4 UCGABAR_WAIT
  5 EXIT
)",
                   32, 2);
    const Replay replay = kernel.replayed();
    return Written::at(replay, 0, 7) - Written::at(replay, 0, 4);
  };
  // Block 0 alone stores: to its own, and to block 1.
  EXPECT_NEAR(until_over("0x1000400") - until_over("0x400"), 200 + 128 / 19.9, 16);
}

// What a store through the window leaves in a block's own shared memory, or others' stores do, is not known.
TEST(Roles, WhatIsStoredThroughTheWindowIsNotKnown) {
  const auto follow = [](const char* store) {
    return Written(std::string(R"(
  4 MOV R2, 0x400
  4 S2R R3, SR_SWINHI
  4 MOV R5, 0x1
  4 STS [R2], R5
)") + store + R"(
  4 LDS R6, [0x400]
  12 ISETP.NE.AND P0, PT, R6, 0x1, PT
  5 @P0 EXIT
  5 EXIT
)",
                   32, 2)
        .replayed();
  };
  EXPECT_NO_THROW(follow("  4 NOP"));
  EXPECT_THROW(follow("  4 ST.E [R2], R5"), HarnessError);
  // Block 0 alone, to block 1: the same place of its own is not known either, since the other may do as it does.
  EXPECT_THROW(follow("  4 S2R R0, SR_CgaCtaId\n  12 ISETP.NE.U32.AND P1, PT, R0, RZ, PT\n"
                      "  4 MOV R2, 0x1000400\n  4 @!P1 ST.E [R2], R5"),
               HarnessError);
}

}  // namespace
}  // namespace kernelgate::predict

// A kernel as it should be, and slower ones: each is predicted slower, and what got slower is named.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/predict/baseline/prediction_changes.h"
#include "harness/predict/planted_for_test.h"

namespace kernelgate::predict {
namespace {

using for_test::Planted;
using ::testing::HasSubstr;

constexpr const char* good = "Li4ELi16ELi0ELi16E";

/// What the gate says of the two.
std::string verdict(const Planted& before, const Planted& after) {
  const auto times = [](const Planted& one) {
    PredictedTimes all;
    all.gpu = "h200-sxm";
    PredictedTime time;
    time.name = "planted";
    time.hot_s = one.prediction.seconds();
    for (const Loop& each : one.prediction.loops) {
      PredictedPart part;
      part.loop = &each != &one.prediction.loops.back();
      part.instructions = static_cast<std::int64_t>(each.last - each.first + 1);
      part.rounds = static_cast<std::int64_t>(each.iterations);
      for (std::size_t i = 0; i < reason_count; ++i)
        part.cycles[to_string(static_cast<Reason>(i))] = each.cycles_by_reason[i];
      time.parts.push_back(part);
    }
    all.times.push_back(time);
    return all;
  };
  return to_text(compare_predictions(times(before), times(after)), "h200-sxm");
}

TEST(PlantedSlowdowns, TheKernelItselfIsFollowedToTheEnd) {
  const Planted kernel(good, false);
  const BlockCounts& counts = kernel.blocks.front().counts;
  EXPECT_EQ(counts.async_bytes, 8192u * for_test::planted_tiles);
  EXPECT_EQ(counts.global_read_sectors, 8192u * for_test::planted_tiles / 32);
  EXPECT_EQ(counts.block_barriers, for_test::planted_tiles);
  EXPECT_EQ(counts.matrix_loads, 4u * 4 * for_test::planted_tiles);
  EXPECT_EQ(counts.tensor_flop, 4096u * 4 * 4 * for_test::planted_tiles);
  EXPECT_EQ(counts.bank_conflicts, 0u);
  EXPECT_EQ(verdict(kernel, kernel), "h200-sxm: SAME (predicted, nothing was measured)\n");
}

TEST(PlantedSlowdowns, TwoStagesFewerWaitForCopies) {
  const Planted before(good, true), after("Li2ELi16ELi0ELi16E", true, 2);
  EXPECT_GT(after.prediction.seconds(), 1.2 * before.prediction.seconds());
  EXPECT_GT(after.cycles(Reason::async_copy), 1.5 * before.cycles(Reason::async_copy));
  EXPECT_EQ(after.prediction.bound, "asynchronous copies");
  EXPECT_THAT(verdict(before, after), HasSubstr("asynchronous copies +"));
}

TEST(PlantedSlowdowns, BankConflictsWaitForSharedMemory) {
  const Planted before(good, false), after("Li4ELi128ELi0ELi16E", false);
  // Eight rows 128 bytes apart: each of a matrix's rows is a pass of its own.
  EXPECT_EQ(after.blocks.front().counts.bank_conflicts, 4u * 4 * 7 * 4 * for_test::planted_tiles);
  EXPECT_GT(after.prediction.seconds(), 1.02 * before.prediction.seconds());
  EXPECT_GT(after.cycles(Reason::shared), 1.5 * before.cycles(Reason::shared));
  EXPECT_THAT(verdict(before, after), HasSubstr("shared memory +"));
}

TEST(PlantedSlowdowns, ABarrierTooManyIsWaitedFor) {
  const Planted before(good, false), after("Li4ELi16ELi1ELi16E", false);
  EXPECT_EQ(after.blocks.front().counts.block_barriers, 2 * for_test::planted_tiles);
  EXPECT_GT(after.prediction.seconds(), 1.02 * before.prediction.seconds());
  EXPECT_THAT(verdict(before, after), HasSubstr("barriers +"));
}

TEST(PlantedSlowdowns, NarrowLoadsAreMoreInstructions) {
  const Planted before(good, false), after("Li4ELi16ELi0ELi4E", false);
  EXPECT_EQ(after.blocks.front().counts.async_bytes, before.blocks.front().counts.async_bytes);
  EXPECT_GT(after.blocks.front().instructions, before.blocks.front().instructions);
  EXPECT_GT(after.prediction.seconds(), 1.02 * before.prediction.seconds());
  EXPECT_THAT(verdict(before, after), HasSubstr("REGRESSED"));
}

}  // namespace
}  // namespace kernelgate::predict

#include "harness/sides/processor_time.h"

#include <gtest/gtest.h>

namespace kernelgate {
namespace {

/// Three runs of 2 ms, 1 ms of it on the processors.
SideCase one(double preempted) {
  SideCase it;
  it.name = "a";
  for (int i = 0; i < 3; ++i) {
    RunSummary run{2e-3, 1.9e-3, 2.2e-3, 10};
    run.control_s = 1e-4;
    run.quantum_s = 1e-9;
    run.processor = {1e-3, 0.9e-3, 1.1e-3, preempted};
    it.runs.push_back(run);
  }
  return it;
}

Side side(SideCase only) {
  Side it;
  it.cases.push_back(std::move(only));
  return it;
}

TEST(ProcessorTime, StandsInWhereEitherSideWasInterrupted) {
  for (auto [before, now] : {std::pair{0.2, 0.0}, {0.0, 0.2}}) {
    Side base = side(one(before)), fresh = side(one(now));
    EXPECT_EQ(use_processor_time(base, fresh), 1);
    for (const Side& seen : {base, fresh})
      for (const RunSummary& run : seen.cases[0].runs) {
        EXPECT_EQ(run.median_s, 1e-3);
        EXPECT_EQ(run.q1_s, 0.9e-3);
        EXPECT_EQ(run.q3_s, 1.1e-3);
        EXPECT_FALSE(run.control_s);
        EXPECT_EQ(run.quantum_s, 0);
      }
  }
}

TEST(ProcessorTime, TheWallDecidesWhereItWasNotSpoilt) {
  Side base = side(one(0.1)), fresh = side(one(0.05));
  EXPECT_EQ(use_processor_time(base, fresh), 0);
  EXPECT_EQ(fresh.cases[0].runs[0].median_s, 2e-3);
  EXPECT_TRUE(fresh.cases[0].runs[0].control_s);
}

TEST(ProcessorTime, OneInterruptedRunOfThreeIsNoSpoiltSide) {
  SideCase now = one(0);
  now.runs[1].processor->preempted = 0.9;
  Side base = side(one(0)), fresh = side(now);
  EXPECT_EQ(use_processor_time(base, fresh), 0);
}

TEST(ProcessorTime, EveryRunOfBothSidesMustKnowIt) {
  SideCase lacking = one(0.5);
  lacking.runs[2].processor.reset();
  for (bool of_base : {false, true}) {
    Side base = side(of_base ? lacking : one(0.5)), fresh = side(of_base ? one(0.5) : lacking);
    EXPECT_EQ(use_processor_time(base, fresh), 0);
    EXPECT_EQ(base.cases[0].runs[0].median_s, 2e-3);
  }
}

TEST(ProcessorTime, ACaseOfOneSideAloneIsLeftAlone) {
  Side base = side(one(0.5)), fresh = side(one(0.5));
  fresh.cases[0].name = "b";
  EXPECT_EQ(use_processor_time(base, fresh), 0);
}

}  // namespace
}  // namespace kernelgate

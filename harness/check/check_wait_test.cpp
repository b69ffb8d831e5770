// Waiting for a machine that is not ready yet.
#include "harness/check/check_wait.h"

#include <gtest/gtest.h>

#include "harness/check/fake/fake_machines_for_test.h"

namespace kernelgate {
namespace {

using std::chrono::seconds;

struct Waited {
  CheckReport report;
  std::vector<seconds> pauses;
  int told = 0;
};

/// A fabric that is ready after `ready` pauses.
Waited wait_for(FakeProbe probe, int ready, seconds limit) {
  Waited waited;
  const FakeProbe healthy = healthy_h200();
  CheckOptions options;
  options.built_with_cuda = true;
  waited.report = run_check_until_ready(
      probe, options, limit,
      [&](seconds pause) {
        waited.pauses.push_back(pause);
        if (static_cast<int>(waited.pauses.size()) == ready) probe = healthy;
      },
      [&](const CheckReport&) { ++waited.told; });
  return waited;
}

FakeProbe answering(int code) {
  FakeProbe probe = healthy_h200();
  cuda_answers(probe, code);
  return probe;
}

TEST(CheckWait, EndsWhenTheFabricIsThere) {
  const Waited waited = wait_for(answering(802), 3, seconds(120));
  EXPECT_TRUE(waited.report.gpu_usable);
  EXPECT_EQ(waited.pauses.size(), 3U);
  EXPECT_EQ(waited.told, 3);
}

TEST(CheckWait, EndsWithTheTime) {
  const Waited waited = wait_for(answering(802), 99, seconds(12));
  EXPECT_FALSE(waited.report.gpu_usable);
  EXPECT_EQ(waited.pauses, (std::vector<seconds>{seconds(5), seconds(5), seconds(2)}));
}

TEST(CheckWait, DoesNotWaitForWhatTimeDoesNotMend) {
  EXPECT_TRUE(wait_for(answering(804), 1, seconds(120)).pauses.empty());
  EXPECT_TRUE(wait_for(healthy_h200(), 1, seconds(120)).pauses.empty());
  EXPECT_TRUE(wait_for(bare_machine(), 1, seconds(120)).pauses.empty());
}

TEST(CheckWait, DoesNotWaitUnlessAsked) { EXPECT_TRUE(wait_for(answering(802), 1, seconds(0)).pauses.empty()); }

}  // namespace
}  // namespace kernelgate

// What telemetry says of a region reaches the cases, and a broken GPU ends the run.
#include "bench/run/group/group_measurement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/run/session.h"
#include "harness/measure/telemetry/fake_nvml_for_test.h"
#include "kernels/op/fake_problem_for_test.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;

MeasureOptions quick_options() {
  MeasureOptions options;
  options.policy.warm_up_s = 0.001;
  options.policy.min_samples = 6;
  options.policy.max_samples = 12;
  return options;
}

/// Two problems of one implementation each, so that there are two groups. `happens` is called in each launch.
std::vector<CaseResult> run_with(const std::function<void(FakeNvml&)>& happens) {
  FakeNvml::reset();
  std::vector<Case> cases;
  for (int n : {64, 65}) {
    const AnyProblem::Candidate candidate{"one", Origin::ours, DeviceKind::cpu};
    const auto working = [happens](const float* x, float* y, std::int64_t count) {
      FakeNvml::change(happens);
      FakeProblem::doubles(x, y, count);
    };
    const auto problem = std::make_shared<FakeProblem>(n, std::vector<FakeProblem::Fake>{{candidate, working}});
    cases.push_back({problem, candidate, CacheState::hot, "fake/" + std::to_string(n) + "/one/hot"});
  }
  Session session(
      cases, quick_options(), [](const Case&) {}, std::make_unique<Telemetry>("0000:19:00.0", FakeNvml::symbols(), ""));
  for (std::size_t i = 0; i < cases.size(); ++i) session.measure(i);
  return session.results();
}

TEST(GroupMeasurement, KeepsWhatTheGpuSaid) {
  const auto results = run_with([](FakeNvml& fake) {
    fake.gpus[0].energy_mj += 1000;
    fake.gpus[0].fields[74] += 1000000;
  });
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].status, CaseStatus::measured) << results[0].reason;
  ASSERT_EQ(results[0].runs.at(0).telemetry.size(), 1u);
  const RegionTelemetry& seen = results[0].runs[0].telemetry[0];
  EXPECT_GE(seen.energy_j.value.value_or(0), 12);  // a joule a launch
  EXPECT_EQ(seen.power_capped.value, true);
}

TEST(GroupMeasurement, ThrottlingMakesACaseInvalidAndSaysForHowLong) {
  const auto results = run_with([](FakeNvml& fake) { fake.gpus[0].fields[270] += 1000000; });
  ASSERT_EQ(results.size(), 2u);
  for (const CaseResult& result : results) {
    EXPECT_EQ(result.status, CaseStatus::invalid);
    EXPECT_THAT(result.reason, HasSubstr("hardware thermal slowdown for "));
    EXPECT_THAT(result.reason, HasSubstr(" s while it was timed"));
  }
}

TEST(GroupMeasurement, AnErrorOfOursFailsTheCaseAndTheRunGoesOn) {
  int launches = 0;
  const auto results = run_with([&](FakeNvml& fake) {
    if (++launches == 5) fake.xids = {31};
  });
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].status, CaseStatus::error);
  EXPECT_EQ(results[0].reason, "XID 31 (GPU memory page fault) while it was timed");
  EXPECT_EQ(results[1].status, CaseStatus::measured) << results[1].reason;
}

TEST(GroupMeasurement, AGpuOffTheBusEndsTheRun) {
  int launches = 0;
  const auto results = run_with([&](FakeNvml& fake) {
    if (++launches == 5) fake.xids = {79};
  });
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].status, CaseStatus::invalid);
  EXPECT_EQ(results[0].reason, "XID 79 (GPU has fallen off the bus) while it was timed");
  EXPECT_EQ(results[1].status, CaseStatus::invalid);
  EXPECT_THAT(results[1].reason, HasSubstr("not measured: XID 79 (GPU has fallen off the bus): restart the machine"));
  EXPECT_TRUE(results[1].runs.empty());
}

TEST(GroupMeasurement, AnErrorThatALostGpuLedToIsToldAsThat) {
  int launches = 0;
  const auto results = run_with([&](FakeNvml& fake) {
    if (++launches != 5) return;
    fake.xids = {79};
    fake.lost = true;
    throw std::runtime_error("CUDA: unspecified launch failure");
  });
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].status, CaseStatus::invalid);
  EXPECT_THAT(results[0].reason, HasSubstr("XID 79"));
  EXPECT_EQ(results[1].status, CaseStatus::invalid);
}

TEST(GroupMeasurement, AGpuThatBreaksOutsideTheTimedRegionEndsTheRun) {
  int launches = 0;
  const auto results = run_with([&](FakeNvml& fake) {
    if (++launches != 1) return;
    fake.xids = {31, 119};
    throw std::runtime_error("CUDA: unspecified launch failure");
  });
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].status, CaseStatus::error);
  EXPECT_EQ(results[1].status, CaseStatus::invalid);
  EXPECT_THAT(results[1].reason, HasSubstr("not measured: XID 119 (GSP firmware did not answer)"));
}

TEST(GroupMeasurement, AnErrorWithoutAReasonInTheTelemetryIsAnError) {
  int launches = 0;
  const auto results = run_with([&](FakeNvml&) {
    if (++launches == 5) throw std::runtime_error("no memory");
  });
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].status, CaseStatus::error);
  EXPECT_EQ(results[0].reason, "no memory");
  EXPECT_EQ(results[1].status, CaseStatus::measured) << results[1].reason;
}

}  // namespace
}  // namespace kernelgate

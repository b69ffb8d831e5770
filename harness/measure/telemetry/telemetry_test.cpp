// A region that is watched, over an NVML made up for the test.
#include "harness/measure/telemetry/telemetry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "harness/measure/telemetry/fake_nvml_for_test.h"
#include "harness/measure/telemetry/judge_region.h"
#include "harness/measure/telemetry/summarize_region.h"

namespace kernelgate {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr const char* cuda_bus_id = "0000:19:00.0";

class TelemetryTest : public testing::Test {
 protected:
  void SetUp() override { FakeNvml::reset(); }

  /// What is said of a region in which `happens` is all that happens.
  RegionVerdict verdict_of(const std::function<void(FakeNvml&)>& happens) {
    Telemetry telemetry(cuda_bus_id, FakeNvml::symbols(), "");
    return judge_region(telemetry.watch([&] { FakeNvml::change(happens); }).region);
  }
};

FakeNvmlGpu& gpu(FakeNvml& fake) { return fake.gpus.front(); }

TEST_F(TelemetryTest, AQuietRegionIsValid) {
  const RegionVerdict verdict = verdict_of([](FakeNvml& fake) {
    gpu(fake).energy_mj += 65000;
    gpu(fake).fields[77] += 1000000;  // board limit and reliability limit hold clocks down on sound GPUs
    gpu(fake).fields[79] += 1000000;
    gpu(fake).replays += 3;
    gpu(fake).corrected += 2;
  });
  EXPECT_EQ(verdict.invalid + verdict.failed + verdict.stop, "");
  EXPECT_FALSE(verdict.power_capped);
}

TEST_F(TelemetryTest, EachCauseOfThrottlingIsNamed) {
  const struct {
    unsigned field;
    const char* reason;
  } rows[] = {{76, "sync boost for 0.5 s"},
              {269, "thermal slowdown for 0.5 s"},
              {270, "hardware thermal slowdown for 0.5 s"},
              {271, "external power brake for 0.5 s"}};
  for (const auto& row : rows) {
    const RegionVerdict verdict = verdict_of([&](FakeNvml& fake) { gpu(fake).fields[row.field] += 500000000; });
    EXPECT_EQ(verdict.invalid, row.reason);
    EXPECT_EQ(verdict.stop, "");
  }
}

TEST_F(TelemetryTest, APowerCapIsRecordedAndLeavesTheSamplesValid) {
  const RegionVerdict verdict = verdict_of([](FakeNvml& fake) { gpu(fake).fields[74] += 500000000; });
  EXPECT_TRUE(verdict.power_capped);
  EXPECT_EQ(verdict.invalid, "");
}

TEST_F(TelemetryTest, SyncBoostMayBeExpected) {
  GpuRegion region;
  region.before.throttled_s[1] = {1, ""};
  region.after.throttled_s[1] = {2, ""};
  EXPECT_EQ(judge_region(region).invalid, "sync boost for 1 s");
  EXPECT_EQ(judge_region(region, {.sync_boost_expected = true}).invalid, "");
}

TEST_F(TelemetryTest, ACounterThatTheDriverDoesNotTellProvesNothing) {
  FakeNvml::change([](FakeNvml& fake) {
    gpu(fake).fields = {{270, 5}};
    fake.failing["nvmlDeviceGetTotalEccErrors"] = 3;
  });
  Telemetry telemetry(cuda_bus_id, FakeNvml::symbols(), "");
  const GpuRegion region =
      telemetry.watch([] { FakeNvml::change([](FakeNvml& fake) { gpu(fake).fields[269] = 9; }); }).region;
  EXPECT_EQ(judge_region(region).invalid, "");
  const RegionTelemetry seen = summarize_region(region);
  EXPECT_EQ(seen.throttled_s.at("hardware_thermal").value, 0.0);
  EXPECT_EQ(seen.throttled_s.at("software_thermal").reason, "not supported by this GPU");
  EXPECT_EQ(seen.power_capped.reason, "not supported by this GPU");
  EXPECT_EQ(seen.ecc_uncorrected.reason, "not supported by this GPU");
}

TEST_F(TelemetryTest, UncorrectedErrorsMakeTheSamplesInvalid) {
  EXPECT_EQ(verdict_of([](FakeNvml& fake) { gpu(fake).uncorrected += 2; }).invalid, "2 uncorrected ECC error(s)");
}

TEST_F(TelemetryTest, AnotherProcessThatAppearsMakesTheSamplesInvalid) {
  const unsigned own = static_cast<unsigned>(getpid());
  FakeNvml::change([&](FakeNvml& fake) { gpu(fake).processes = {7}; });
  // One that was there all the time is the check's to warn of; one that leaves is no harm.
  EXPECT_EQ(verdict_of([&](FakeNvml& fake) { gpu(fake).processes = {7, own}; }).invalid, "");
  EXPECT_EQ(verdict_of([&](FakeNvml& fake) { gpu(fake).processes = {own}; }).invalid, "");
  EXPECT_EQ(verdict_of([&](FakeNvml& fake) {
              gpu(fake).processes = {own, 4242, 4243};
            }).invalid,
            "another process appeared on the GPU (4242, 4243)");
}

TEST_F(TelemetryTest, ASettingThatChangedInTheRegionIsNamed) {
  EXPECT_EQ(verdict_of([](FakeNvml& fake) { gpu(fake).power_limit_mw = 300000; }).invalid,
            "somebody set the power limit from 700 to 300 W");
  EXPECT_EQ(verdict_of([](FakeNvml& fake) { gpu(fake).application_sm_mhz = 1200; }).invalid,
            "somebody set the SM clock from 1980 to 1200 MHz");
  EXPECT_EQ(verdict_of([](FakeNvml& fake) { gpu(fake).application_memory_mhz = 1593; }).invalid,
            "somebody set the memory clock from 2619 to 1593 MHz");
}

TEST_F(TelemetryTest, MoreProcessesThanFitAtOnceAreReadAll) {
  FakeNvml::change([](FakeNvml& fake) {
    for (unsigned pid = 1; pid <= 300; ++pid) gpu(fake).processes.push_back(pid);
  });
  EXPECT_EQ(verdict_of([](FakeNvml& fake) { gpu(fake).processes.push_back(999); }).invalid,
            "another process appeared on the GPU (999)");
}

TEST_F(TelemetryTest, XidsActByTheirClass) {
  const RegionVerdict fault = verdict_of([](FakeNvml& fake) { fake.xids = {31}; });
  EXPECT_EQ(fault.failed, "XID 31 (GPU memory page fault)");
  EXPECT_EQ(fault.invalid + fault.stop, "");
  const RegionVerdict contained = verdict_of([](FakeNvml& fake) { fake.xids = {94}; });
  EXPECT_EQ(contained.invalid, "XID 94 (contained memory error: the program that met it lost its data)");
  EXPECT_EQ(contained.failed + contained.stop, "");
  const RegionVerdict gone = verdict_of([](FakeNvml& fake) { fake.xids = {45, 79}; });
  EXPECT_EQ(gone.invalid, "XID 79 (GPU has fallen off the bus)");
  EXPECT_THAT(gone.stop, HasSubstr("XID 79 (GPU has fallen off the bus): restart the machine"));
  const RegionVerdict remapped = verdict_of([](FakeNvml& fake) { fake.xids = {63}; });
  EXPECT_EQ(remapped.invalid + remapped.failed + remapped.stop, "");
  const RegionVerdict unknown = verdict_of([](FakeNvml& fake) { fake.xids = {9999}; });
  EXPECT_EQ(unknown.invalid, "XID 9999 (not known to this program)");
  EXPECT_EQ(unknown.stop, "");
}

TEST_F(TelemetryTest, AnOldXidConcernsARegionOnlyIfTheGpuIsBrokenSince) {
  Telemetry telemetry(cuda_bus_id, FakeNvml::symbols(), "");
  FakeNvml::change([](FakeNvml& fake) { fake.xids = {31, 119}; });
  const GpuRegion region = telemetry.watch([] {}).region;
  EXPECT_EQ(region.xids.value, std::vector<std::int64_t>{119});
  EXPECT_NE(judge_region(region).stop, "");
}

TEST_F(TelemetryTest, TellsAfterwardsWhetherTheGpuBroke) {
  Telemetry telemetry(cuda_bus_id, FakeNvml::symbols(), "");
  EXPECT_EQ(telemetry.why_broken(), "");
  FakeNvml::change([](FakeNvml& fake) { fake.xids = {31, 94}; });
  EXPECT_EQ(telemetry.why_broken(), "");
  FakeNvml::change([](FakeNvml& fake) { fake.xids = {31, 62}; });
  EXPECT_THAT(telemetry.why_broken(), HasSubstr("XID 62"));
  FakeNvml::change([](FakeNvml& fake) { fake.lost = true; });
  EXPECT_THAT(telemetry.why_broken(), HasSubstr("the GPU is lost"));
}

TEST_F(TelemetryTest, ALostGpuStopsTheSuiteThoughTheWorkThrew) {
  Telemetry telemetry(cuda_bus_id, FakeNvml::symbols(), "");
  const Telemetry::Watched watched = telemetry.watch([] {
    FakeNvml::change([](FakeNvml& fake) {
      fake.xids = {79};
      fake.lost = true;
    });
    throw std::runtime_error("CUDA error");
  });
  EXPECT_TRUE(watched.error);
  EXPECT_EQ(watched.region.xids.value, std::vector<std::int64_t>{79});
  EXPECT_TRUE(watched.region.lost);
  EXPECT_THAT(judge_region(watched.region).stop, HasSubstr("the GPU is lost"));
  EXPECT_EQ(summarize_region(watched.region).energy_j.reason, "the GPU is lost");
}

TEST_F(TelemetryTest, ALostGpuIsSeenWithoutEvents) {
  FakeNvml::change([](FakeNvml& fake) { fake.failing["nvmlDeviceRegisterEvents"] = 4; });
  Telemetry telemetry(cuda_bus_id, FakeNvml::symbols(), "");
  const GpuRegion region = telemetry.watch([] { FakeNvml::change([](FakeNvml& fake) { fake.lost = true; }); }).region;
  EXPECT_THAT(judge_region(region).stop, HasSubstr("the GPU is lost"));
}

TEST_F(TelemetryTest, SamplesAreTakenWhileTheWorkRuns) {
  Telemetry telemetry(cuda_bus_id, FakeNvml::symbols(), "", GpuMonitor::Events::watched, milliseconds(1));
  const GpuRegion region = telemetry
                               .watch([] {
                                 for (unsigned i = 0; i < 40; ++i) {
                                   FakeNvml::change([&](FakeNvml& fake) {
                                     gpu(fake).sm_mhz = i < 20 ? 1400 : 1980;
                                     gpu(fake).energy_mj += 1000;
                                     gpu(fake).temperature_c = 60;
                                   });
                                   std::this_thread::sleep_for(milliseconds(2));
                                 }
                                 FakeNvml::change([](FakeNvml& fake) { gpu(fake).temperature_c = 55; });
                               })
                               .region;
  ASSERT_GE(region.samples.size(), 2U);
  const RegionTelemetry seen = summarize_region(region);
  EXPECT_EQ(seen.samples, static_cast<std::int64_t>(region.samples.size()));
  EXPECT_EQ(seen.energy_j.value, 40.0);
  EXPECT_DOUBLE_EQ(*seen.power_mean_w.value, 40.0 / region.seconds);
  EXPECT_EQ(seen.power_max_w.value, 650.0);
  EXPECT_EQ(seen.temperature_start_c.value, 40);
  EXPECT_EQ(seen.temperature_end_c.value, 55);
  EXPECT_EQ(seen.temperature_max_c.value, 60);
  EXPECT_EQ(seen.sm_clock_max_hz.value, 1980e6);
  EXPECT_EQ(seen.memory_clock_median_hz.value, 3201e6);
  EXPECT_EQ(seen.xids.value, std::vector<std::int64_t>{});
}

GpuState state_with(std::int64_t reasons) {
  GpuState state;
  state.clocks_event_reasons = {reasons, ""};
  state.power_w = {80, ""};
  return state;
}

TEST_F(TelemetryTest, HardwareSlowdownCountsFromTwoSamplesInARow) {
  GpuRegion region;
  region.samples = {state_with(0), state_with(8), state_with(0), state_with(8)};
  EXPECT_EQ(judge_region(region).invalid, "");
  region.samples.push_back(state_with(0x48));
  EXPECT_EQ(judge_region(region).invalid, "hardware slowdown");
}

TEST_F(TelemetryTest, AGpuThatWasIdleThroughoutWasNotMeasured) {
  GpuRegion region;
  region.seconds = 2;
  region.state_before = state_with(1);
  region.samples.assign(5, state_with(1));
  region.before.energy_j = {1000, ""};
  region.after.energy_j = {1160, ""};  // 80 W
  EXPECT_EQ(judge_region(region).invalid, "the GPU was idle throughout");
  region.after.energy_j = {1000, ""};  // it does not move at all
  EXPECT_EQ(judge_region(region).invalid, "the GPU was idle throughout");
  region.after.energy_j = {2000, ""};  // 500 W: short kernels with pauses
  EXPECT_EQ(judge_region(region).invalid, "");
  region.after.energy_j = {1160, ""};
  region.samples[3] = state_with(0);
  EXPECT_EQ(judge_region(region).invalid, "");
  region.samples.assign(4, state_with(1));
  EXPECT_EQ(judge_region(region).invalid, "");
}

TEST_F(TelemetryTest, WithoutNvmlEverythingIsMissingWithTheReason) {
  Telemetry telemetry(cuda_bus_id, {}, "libnvidia-ml.so.1: not found");
  const Telemetry::Watched watched = telemetry.watch([] {});
  const RegionVerdict verdict = judge_region(watched.region);
  EXPECT_EQ(verdict.invalid + verdict.failed + verdict.stop, "");
  const RegionTelemetry seen = summarize_region(watched.region);
  EXPECT_EQ(seen.energy_j.reason, "libnvidia-ml.so.1: not found");
  EXPECT_EQ(seen.power_mean_w.reason, "libnvidia-ml.so.1: not found");
  EXPECT_EQ(seen.xids.reason, "libnvidia-ml.so.1: not found");
  EXPECT_EQ(seen.temperature_max_c.reason, "libnvidia-ml.so.1: not found");
  EXPECT_EQ(telemetry.sm_clock_hz(), 0);
}

TEST_F(TelemetryTest, AnInitialisationThatFailsIsTheReason) {
  FakeNvml::change([](FakeNvml& fake) { fake.failing["nvmlInit_v2"] = 17; });
  Telemetry telemetry(cuda_bus_id, FakeNvml::symbols(), "");
  EXPECT_EQ(summarize_region(telemetry.watch([] {}).region).energy_j.reason,
            "nvmlInit_v2 returned 17: the operating system or a control group blocks it");
}

TEST_F(TelemetryTest, AGpuThatNvmlDoesNotHaveIsTheReason) {
  Telemetry telemetry("0000:99:00.0", FakeNvml::symbols(), "");
  EXPECT_THAT(summarize_region(telemetry.watch([] {}).region).energy_j.reason, HasSubstr("no GPU at '0000:99:00.0'"));
}

TEST_F(TelemetryTest, EventsThatNeedRightsAreMissingAndTheRestIsThere) {
  FakeNvml::change([](FakeNvml& fake) { fake.failing["nvmlDeviceRegisterEvents"] = 4; });
  Telemetry telemetry(cuda_bus_id, FakeNvml::symbols(), "");
  const RegionTelemetry seen = summarize_region(telemetry.watch([] {}).region);
  EXPECT_EQ(seen.xids.reason, "no XID events: no permission");
  EXPECT_EQ(seen.energy_j.value, 0.0);
}

TEST_F(TelemetryTest, WhatItOpensItCloses) {
  {
    Telemetry telemetry(cuda_bus_id, FakeNvml::symbols(), "");
    telemetry.watch([] {});
    EXPECT_EQ(FakeNvml::get().open_sessions, 1);
    EXPECT_EQ(FakeNvml::get().event_sets, 1);
  }
  EXPECT_EQ(FakeNvml::get().open_sessions, 0);
  EXPECT_EQ(FakeNvml::get().event_sets, 0);
}

TEST_F(TelemetryTest, SurvivesTheDocument) {
  Telemetry telemetry(cuda_bus_id, FakeNvml::symbols(), "");
  FakeNvml::change([](FakeNvml& fake) { gpu(fake).fields.erase(79); });
  RegionTelemetry seen = summarize_region(telemetry.watch([] {}).region);
  seen.xids = {std::vector<std::int64_t>{31, 43}, ""};
  const nlohmann::json document = to_json(seen);
  EXPECT_EQ(document["power_w"]["max"]["reason"], "the region ended before the first reading");
  EXPECT_EQ(document["throttled_s"]["reliability"]["reason"], "not supported by this GPU");
  EXPECT_EQ(document["xids"], (nlohmann::json{31, 43}));
  EXPECT_EQ(to_json(region_telemetry_from_json(nlohmann::json::parse(document.dump()))), document);
}

}  // namespace
}  // namespace kernelgate

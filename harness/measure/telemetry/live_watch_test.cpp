// The live watch, over an NVML made up for the test.
#include "harness/measure/telemetry/live_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/measure/telemetry/fake_nvml_for_test.h"
#include "harness/measure/telemetry/watch_summary.h"
#include "harness/measure/telemetry/watch_text.h"

namespace kernelgate {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr unsigned own_process = 77;

class LiveWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    FakeNvml::reset();
    // Counters count from before the watch began.
    FakeNvml::change([](FakeNvml& fake) {
      fake.gpus[0].fields[74] = 5000000000;
      fake.gpus[0].replays = 12;
      fake.gpus[0].corrected = 3;
      fake.gpus[0].processes = {own_process, 4242};
    });
  }
};

TEST_F(LiveWatchTest, ATickShowsTheStateAndWhatWasAddedSinceTheStart) {
  LiveWatch live(FakeNvml::symbols(), "", own_process);
  ASSERT_EQ(live.error(), "");
  live.read(1);
  FakeNvml::change([](FakeNvml& fake) {
    fake.gpus[0].fields[74] += 500000000;
    fake.gpus[0].replays += 2;
    fake.gpus[0].uncorrected += 1;
    fake.gpus[0].energy_mj += 1300000;
    fake.xids = {48};
  });
  const WatchTick tick = live.read(3);
  ASSERT_EQ(tick.gpus.size(), 1U);
  const WatchedGpu& gpu = tick.gpus[0];
  EXPECT_EQ(gpu.name, "NVIDIA H200");
  EXPECT_EQ(gpu.pci_bus_id, "0000:19:00.0");
  EXPECT_EQ(gpu.now.sm_clock_hz.value, 1980e6);
  EXPECT_EQ(gpu.power_limit_w.value, 700);
  EXPECT_EQ(gpu.temperature_margin_c.value, 47);
  EXPECT_EQ(gpu.utilization.value, 97);
  EXPECT_EQ(gpu.other_processes.value, 1);
  EXPECT_DOUBLE_EQ(*gpu.held_total[0].value, 0.5);
  EXPECT_DOUBLE_EQ(*gpu.held_last[0].value, 0.25);  // of two seconds
  EXPECT_EQ(gpu.pcie_replays.value, 2);
  EXPECT_EQ(gpu.ecc_corrected.value, 0);
  EXPECT_EQ(gpu.ecc_uncorrected.value, 1);
  EXPECT_EQ(gpu.energy_j.value, 1300);
  EXPECT_EQ(gpu.xids.value, std::vector<std::int64_t>{48});
  const WatchTick quiet = live.read(4);
  EXPECT_EQ(quiet.gpus[0].held_last[0].value, 0.0);
  EXPECT_DOUBLE_EQ(*quiet.gpus[0].held_total[0].value, 0.5);
  EXPECT_EQ(quiet.gpus[0].xids.value, std::vector<std::int64_t>{48});
  EXPECT_EQ(watch_lines(tick).front(),
            "     3   0  1980  3201   650/700   40/47   97   5x16      2     0/1    48     1  power cap 250");
}

TEST_F(LiveWatchTest, EveryGpuIsShownAndWhatIsNotKnownIsADash) {
  FakeNvml::change([](FakeNvml& fake) {
    fake.gpus.resize(2);
    fake.gpus[1].fields.clear();
    fake.failing = {
        {"nvmlDeviceGetTotalEccErrors", 3}, {"nvmlDeviceRegisterEvents", 4}, {"nvmlDeviceGetPowerUsage", 3}};
  });
  LiveWatch live(FakeNvml::symbols(), "", own_process);
  const WatchTick tick = live.read(1);
  const std::vector<std::string> lines = watch_lines(tick);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1], "     1   1  1980  3201     -/700   40/47   97   5x16      0     -/-     -     0  -");
  const nlohmann::json document = nlohmann::json::parse(to_json(tick).dump());
  EXPECT_EQ(document["at_s"], 1);
  const nlohmann::json& second = document["gpus"][1];
  EXPECT_EQ(second["nvml_index"], 1);
  EXPECT_EQ(second["power_w"]["reason"], "not supported by this GPU");
  EXPECT_TRUE(second["power_w"]["value"].is_null());
  EXPECT_EQ(second["since_start"]["xids"]["reason"], "no XID events: no permission");
  EXPECT_EQ(document["gpus"][0]["since_start"]["throttled_s"]["power_cap"], 0);
  EXPECT_EQ(document["gpus"][0]["power_w"], 650);
}

TEST_F(LiveWatchTest, AnOldDriverHasAnotherReadingOfThePower) {
  FakeNvml::change([](FakeNvml& fake) { fake.gpus[0].fields.erase(186); });
  LiveWatch live(FakeNvml::symbols(), "", own_process);
  EXPECT_EQ(live.read(1).gpus[0].now.power_w.value, 333);
}

TEST_F(LiveWatchTest, HeadsStandAboveTheirColumns) {
  LiveWatch live(FakeNvml::symbols(), "", own_process);
  const std::string line = watch_lines(live.read(1)).front();
  const std::string heads = watch_heads();
  const std::size_t at = heads.find("procs");
  EXPECT_EQ(heads.find("ms/s", heads.find('\n')) - heads.find('\n') - 1, heads.find("held back"));
  EXPECT_EQ(line.substr(at + 4, 1), "1");  // one other process, set right
}

TEST_F(LiveWatchTest, ATerminalIsRedrawnInPlaceAndAFileIsAppendedTo) {
  LiveWatch live(FakeNvml::symbols(), "", own_process);
  const WatchTick tick = live.read(1);
  WatchScreen file(false, 0);
  const std::string first = file.frame(tick), second = file.frame(tick);
  EXPECT_EQ(first, watch_heads() + second);
  EXPECT_THAT(first, Not(HasSubstr("\x1b")));
  EXPECT_EQ(second, watch_lines(tick).front() + "\n");
  WatchScreen terminal(true, 40);
  EXPECT_THAT(terminal.frame(tick), Not(HasSubstr("\x1b[1A")));
  EXPECT_EQ(terminal.frame(tick), "\x1b[1A\r\x1b[2K" + watch_lines(tick).front().substr(0, 40) + "\n");
}

TEST_F(LiveWatchTest, TheSummarySaysWhatHeldItBackAndForHowLong) {
  LiveWatch live(FakeNvml::symbols(), "", own_process);
  WatchSummary summary;
  summary.add(live.read(1));
  FakeNvml::change([](FakeNvml& fake) {
    fake.gpus[0].sm_mhz = 1200;
    fake.gpus[0].temperature_c = 83;
    fake.gpus[0].margin_c = 4;
    fake.gpus[0].fields[269] += 2500000000;
    fake.gpus[0].energy_mj += 5000000;
    fake.gpus[0].replays += 7;
    fake.xids = {31, 31};
  });
  summary.add(live.read(10));
  EXPECT_EQ(summary.text(),
            "GPU 0 NVIDIA H200 (0000:19:00.0), 10 s: held back by thermal slowdown for 2.50 s (25 %); SM clock 1200 to "
            "1980 MHz; 5000 J, 500 W on average; at most 83 C, 4 to go to the nearest limit; 7 PCIe replays; "
            "XID 31 (GPU memory page fault), 2 times: fix the program; start it again.\n");
}

TEST_F(LiveWatchTest, AQuietWatchSaysThatNothingHeldItBack) {
  LiveWatch live(FakeNvml::symbols(), "", own_process);
  WatchSummary summary;
  summary.add(live.read(1));
  EXPECT_THAT(summary.text(), HasSubstr("nothing held it back"));
}

TEST_F(LiveWatchTest, CountersThatAreNotThereAreNotNothing) {
  FakeNvml::change([](FakeNvml& fake) { fake.gpus[0].fields.clear(); });
  LiveWatch live(FakeNvml::symbols(), "", own_process);
  WatchSummary summary;
  summary.add(live.read(1));
  EXPECT_THAT(summary.text(), HasSubstr("what held it back is not known: not supported by this GPU"));
}

TEST_F(LiveWatchTest, ALostGpuKeepsWhatWasKnownOfIt) {
  LiveWatch live(FakeNvml::symbols(), "", own_process);
  WatchSummary summary;
  FakeNvml::change([](FakeNvml& fake) { fake.gpus[0].replays += 7; });
  summary.add(live.read(1));
  FakeNvml::change([](FakeNvml& fake) {
    fake.lost = true;
    fake.xids = {79};
  });
  const WatchTick tick = live.read(2);
  EXPECT_TRUE(tick.gpus[0].lost);
  EXPECT_THAT(watch_lines(tick).front(), HasSubstr("LOST"));
  summary.add(tick);
  EXPECT_THAT(summary.text(), HasSubstr("7 PCIe replays"));
  EXPECT_THAT(summary.text(), HasSubstr("XID 79 (GPU has fallen off the bus)"));
  EXPECT_THAT(summary.text(), HasSubstr("the GPU is LOST"));
}

TEST_F(LiveWatchTest, SaysWhyThereIsNothingToWatch) {
  EXPECT_EQ(LiveWatch({}, "libnvidia-ml.so.1: not found", 1).error(), "libnvidia-ml.so.1: not found");
  FakeNvml::change([](FakeNvml& fake) { fake.gpus.clear(); });
  EXPECT_EQ(LiveWatch(FakeNvml::symbols(), "", 1).error(), "NVML shows no GPU");
  FakeNvml::change([](FakeNvml& fake) { fake.failing["nvmlInit_v2"] = 9; });
  EXPECT_EQ(LiveWatch(FakeNvml::symbols(), "", 1).error(), "nvmlInit_v2 returned 9: NVML error 9");
}

TEST_F(LiveWatchTest, OneGpuThatCantBeOpenedHidesNoOther) {
  FakeNvml::change([](FakeNvml& fake) { fake.gpus.resize(2); });
  FakeNvml::change([](FakeNvml& fake) { fake.failing["nvmlDeviceGetHandleByIndex_v2"] = 15; });
  LiveWatch live(FakeNvml::symbols(), "", own_process);
  const WatchTick tick = live.read(1);
  ASSERT_EQ(tick.gpus.size(), 2U);
  EXPECT_TRUE(tick.gpus[0].lost);
  EXPECT_EQ(tick.gpus[0].now.power_w.reason, "the GPU is lost");
}

}  // namespace
}  // namespace kernelgate

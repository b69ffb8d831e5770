// The same machine has the same fingerprint; each field of its identity shows when it differs.
#include "harness/check/fingerprint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include <nlohmann/json.hpp>

#include "harness/check/fake/fake_machines_for_test.h"

namespace kernelgate {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

nlohmann::json print_of(const FakeProbe& probe, const char* kind) { return fingerprint(read_environment(probe), kind); }

TEST(Fingerprint, IsTheSameForTheSame) {
  for (const char* kind : {"cuda", "cpu"}) {
    EXPECT_EQ(print_of(healthy_h200(), kind), print_of(healthy_h200(), kind));
    EXPECT_THAT(identity_differences(print_of(healthy_h200(), kind), print_of(healthy_h200(), kind)), IsEmpty());
  }
}

struct Change {
  const char* kind;
  const char* difference;
  std::function<void(FakeProbe&)> change;
};

TEST(Fingerprint, ShowsEachFieldOfTheIdentity) {
  const auto gpu = [](FakeProbe& p) -> Gpu& { return p.nvml_view.gpus.front(); };
  const std::vector<Change> changes = {
      {"cuda", "gpu_name: NVIDIA H200 -> NVIDIA H100",
       [&](FakeProbe& p) {
         gpu(p).name = {"NVIDIA H100", ""};
       }},
      {"cuda", "gpu_uuid: GPU-00112233-4455-6677-8899-aabbccddeeff -> GPU-1",
       [&](FakeProbe& p) {
         gpu(p).uuid = {"GPU-1", ""};
       }},
      {"cuda", "sm_count: 132 -> 114",
       [](FakeProbe& p) {
         p.cuda_view.gpus[0].sm_count = {114, ""};
       }},
      {"cuda", "memory_bytes: 150754820096 -> 1",
       [&](FakeProbe& p) {
         gpu(p).memory_bytes = {1, ""};
       }},
      {"cuda", "ecc: true -> false",
       [&](FakeProbe& p) {
         gpu(p).ecc = {false, ""};
       }},
      {"cuda", "vbios: 96.00.A5.00.01 -> 97",
       [&](FakeProbe& p) {
         gpu(p).vbios = {"97", ""};
       }},
      {"cuda", "power_limit_w: 700.0 -> 500.0",
       [&](FakeProbe& p) {
         gpu(p).power_limit_w = {500, ""};
       }},
      {"cuda", "application_clock_sm_hz: 1980000000.0 -> 1410000000.0",
       [&](FakeProbe& p) {
         gpu(p).sm_clock_application_hz = {1410e6, ""};
       }},
      {"cuda", "application_clock_memory_hz: 3201000000.0 -> 1593000000.0",
       [&](FakeProbe& p) {
         gpu(p).memory_clock_application_hz = {1593e6, ""};
       }},
      {"cuda", "cpu_model: AMD EPYC 9654 96-Core Processor -> another",
       [](FakeProbe& p) { p.files["/proc/cpuinfo"] = "model name : another\n"; }},
      {"cpu", "governor: performance -> powersave",
       [](FakeProbe& p) { p.files["/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"] = "powersave\n"; }},
      {"cuda", "driver: 580.95.05 -> 580.105.08",
       [](FakeProbe& p) {
         p.nvml_view.driver_version = {"580.105.08", ""};
       }},
      {"cuda", "cuda_driver_api: 13.0 -> 13.2",
       [](FakeProbe& p) {
         p.cuda_view.cuda_driver_version = {13020, ""};
       }},
      {"cuda", "cuda_runtime: 13.0 -> 12.9",
       [](FakeProbe& p) {
         p.versions.runtime = {12090, ""};
       }},
      {"cuda", "cuda_compiled_with: 13.0 -> 12.9",
       [](FakeProbe& p) {
         p.versions.compiled_with = {12090, ""};
       }},
      {"cuda", "vbios: 96.00.A5.00.01 -> unknown (no permission)",
       [&](FakeProbe& p) {
         gpu(p).vbios = {std::nullopt, "no permission"};
       }},
      {"cpu", "usable_cores: 96 -> 48",
       [](FakeProbe& p) {
         p.cores = {48, ""};
       }},
      {"cpu", "cpu_quota_cores: unknown (no limit) -> 1.5",
       [](FakeProbe& p) { p.files["/sys/fs/cgroup/cpu.max"] = "150000 100000\n"; }},
  };
  for (const Change& change : changes) {
    FakeProbe changed = healthy_h200();
    change.change(changed);
    EXPECT_THAT(identity_differences(print_of(healthy_h200(), change.kind), print_of(changed, change.kind)),
                ElementsAre(change.difference));
  }
}

TEST(Fingerprint, MigTakesTheInstancesOwnFacts) {
  FakeProbe probe = healthy_h200();
  probe.nvml_view.gpus[0].mig = {true, ""};
  Gpu& instance = probe.cuda_view.gpus[0];
  instance.name = {"NVIDIA H200 MIG 1g.18gb", ""};
  instance.uuid = {"MIG-00112233-4455-6677-8899-aabbccddeeff", ""};
  instance.sm_count = {16, ""};
  instance.memory_bytes = {17 * (1LL << 30), ""};
  const nlohmann::json identity = print_of(probe, "cuda")["identity"];
  EXPECT_EQ(identity["gpu_name"], "NVIDIA H200 MIG 1g.18gb");
  EXPECT_EQ(identity["memory_bytes"], 17 * (1LL << 30));
  EXPECT_EQ(identity["mig"], true);
  EXPECT_EQ(device_key(read_environment(probe), "cuda"), "nvidia_h200_mig_1g_18gb");
}

TEST(Fingerprint, WhatMovesByItselfIsNoIdentity) {
  FakeProbe moved = healthy_h200();
  moved.files["/proc/loadavg"] = "9.00 1 1 1/2 3\n";
  moved.node = "another-name";
  moved.nvml_view.gpus[0].temperature_c = {60, ""};
  moved.nvml_view.gpus[0].sm_clock_hz = {1980e6, ""};
  for (const char* kind : {"cuda", "cpu"}) {
    EXPECT_THAT(identity_differences(print_of(healthy_h200(), kind), print_of(moved, kind)), IsEmpty());
    EXPECT_NE(print_of(healthy_h200(), kind), print_of(moved, kind));
  }
}

TEST(Fingerprint, MissingFactsAreNullWithAReason) {
  const nlohmann::json identity = print_of(bare_machine(), "cuda")["identity"];
  for (const char* key : {"gpu_name", "sm_count", "memory_bytes", "driver", "cuda_driver_api", "power_limit_w"}) {
    ASSERT_TRUE(identity[key].is_object()) << key;
    EXPECT_TRUE(identity[key]["value"].is_null()) << key;
    EXPECT_FALSE(identity[key]["reason"].get<std::string>().empty()) << key;
  }
  FakeProbe other_reason = bare_machine();
  other_reason.nvml_view.driver_version.reason = "another reason";
  EXPECT_THAT(identity_differences(print_of(bare_machine(), "cuda"), print_of(other_reason, "cuda")), IsEmpty());
}

TEST(Fingerprint, AGpuIsNeverACpu) {
  const std::vector<std::string> differences =
      identity_differences(print_of(healthy_h200(), "cpu"), print_of(healthy_h200(), "cuda"));
  EXPECT_THAT(differences, testing::Contains("kind: cpu -> cuda"));
}

TEST(Fingerprint, DocumentsThatAreNoneAreNotEqual) {
  EXPECT_FALSE(identity_differences(nullptr, nullptr).empty());
  EXPECT_FALSE(identity_differences(nlohmann::json::array({1}), print_of(healthy_h200(), "cpu")).empty());
}

TEST(DeviceKey, IsAFolderName) {
  EXPECT_EQ(device_key(read_environment(healthy_h200()), "cuda"), "nvidia_h200");
  EXPECT_EQ(device_key(read_environment(healthy_h200()), "cpu"), "cpu_amd_epyc_9654_96_core");
  EXPECT_EQ(device_key(read_environment(bare_machine()), "cuda"), "gpu_unknown");
  FakeProbe probe = bare_machine();
  probe.files["/proc/cpuinfo"] = "model name : Intel(R) Xeon(R) Platinum 8480+ CPU @ 2.00GHz\n";
  EXPECT_EQ(device_key(read_environment(probe), "cpu"), "cpu_intel_xeon_platinum_8480");
  probe.files.erase("/proc/cpuinfo");
  EXPECT_EQ(device_key(read_environment(probe), "cpu"), "cpu_unknown");
}

}  // namespace
}  // namespace kernelgate

// Two environments side by side.
#include "harness/check/check_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/check/fake/fake_machines_for_test.h"
#include "harness/check/fingerprint.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<json> prints_of(const FakeProbe& probe, int gpus = 1) {
  const Environment environment = read_environment(probe);
  std::vector<json> prints;
  for (int i = 0; i < gpus; ++i) prints.push_back(fingerprint(environment, "cuda", i));
  return prints;
}

FakeProbe two_gpus() {
  FakeProbe probe = healthy_h200();
  Gpu second = fake_h200_by_nvml(), seen = fake_h200_by_cuda();
  second.uuid = seen.uuid = {"GPU-second", ""};
  second.pci_bus_id = seen.pci_bus_id = {"0000:1a:00.0", ""};
  seen.cuda_ordinal = {1, ""};
  probe.nvml_view.gpus.push_back(second);
  probe.cuda_view.gpus.push_back(seen);
  return probe;
}

TEST(CheckDiff, TheSameMachineIsTheSame) {
  FakeProbe later = healthy_h200();
  later.nvml_view.gpus[0].temperature_c = {60, ""};
  const EnvironmentDiff diff = diff_environments(prints_of(healthy_h200()), prints_of(later));
  EXPECT_EQ(diff.sameness, Sameness::same);
  EXPECT_TRUE(diff.identity.empty());
  EXPECT_THAT(diff.covariates, ElementsAre("temperature_c: 31 -> 60"));
}

TEST(CheckDiff, AnUpgradeOfTheDriverIsThatAlone) {
  FakeProbe upgraded = healthy_h200();
  set_driver(upgraded, "595.71.05", 13020);
  const EnvironmentDiff diff = diff_environments(prints_of(healthy_h200()), prints_of(upgraded));
  EXPECT_EQ(diff.sameness, Sameness::driver_only);
  EXPECT_THAT(diff.identity, Contains("driver: 580.95.05 -> 595.71.05"));
  EXPECT_THAT(diff.verdict(), HasSubstr("--vary driver"));
  EXPECT_THAT(diff.covariates, Contains(HasSubstr("kernel_module: ")));
}

TEST(CheckDiff, AnythingElseIsNotComparable) {
  FakeProbe changed = healthy_h200();
  set_driver(changed, "595.71.05", 13020);
  changed.nvml_view.gpus[0].ecc = {false, ""};
  const EnvironmentDiff diff = diff_environments(prints_of(healthy_h200()), prints_of(changed));
  EXPECT_EQ(diff.sameness, Sameness::different);
  EXPECT_THAT(diff.identity, Contains("ecc: true -> false"));
}

TEST(CheckDiff, GpusArePairedByUuid) {
  const std::vector<json> both = prints_of(two_gpus(), 2);
  EXPECT_EQ(diff_environments(both, {both[1], both[0]}).sameness, Sameness::same);
  EXPECT_EQ(diff_environments(both, both).sameness, Sameness::same);
  // A result's one GPU is found among a machine's, in either order.
  EXPECT_EQ(diff_environments({both[1]}, both).sameness, Sameness::same);
  EXPECT_EQ(diff_environments(both, {both[1]}).sameness, Sameness::same);
}

TEST(CheckDiff, AMissingGpuIsADifference) {
  const std::vector<json> both = prints_of(two_gpus(), 2);
  const std::vector<json> three = {both[0], both[1], both[1]};
  const EnvironmentDiff diff = diff_environments(three, both);
  EXPECT_EQ(diff.sameness, Sameness::different);
  EXPECT_THAT(diff.identity, Contains("GPUs: 3 -> 2"));
}

TEST(CheckDiff, ReadsChecksAndResults) {
  const json print = prints_of(healthy_h200())[0];
  EXPECT_EQ(fingerprints_of({{"kind", "kernelgate.check"}, {"fingerprints", {print, print}}}, "a.json").size(), 2U);
  EXPECT_EQ(fingerprints_of({{"kernelgate", {{"fingerprint", print}}}}, "a.json").size(), 1U);
  for (const json& bad : {json::array(), json(3), json{{"kind", "kernelgate.check"}}, json{{"kind", 7}},
                          json{{"kernelgate", {{"fingerprint", 3}}}}, json{{"kernelgate", 1}},
                          json{{"kind", "kernelgate.check"}, {"fingerprints", json::array({1})}}}) {
    try {
      fingerprints_of(bad, "a.json");
      FAIL() << bad;
    } catch (const HarnessError& error) {
      EXPECT_EQ(error.code, ExitCode::usage);
      EXPECT_THAT(error.what(), HasSubstr("a.json"));
    }
  }
}

}  // namespace
}  // namespace kernelgate

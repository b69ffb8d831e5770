// Other programs read what we write: a JSON Schema validator, and Google Benchmark's compare.py.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include <fmt/format.h>

#include "harness/base/atomic_file.h"
#include "harness/base/paths_for_test.h"
#include "harness/result/result.h"
#include "harness/result/result_for_test.h"

namespace kernelgate {
namespace {

using for_test::made_case;
using for_test::made_result;
using nlohmann::json;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

struct Outcome {
  int status = -1;
  std::string output;  ///< both streams
};

Outcome shell(const std::string& command) {
  Outcome outcome;
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (!pipe) return outcome;
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    outcome.output.append(buffer.data(), got);
  const int status = ::pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

/// The distribution's Python, whose packages scripts/setup installs; another one may come first in PATH.
constexpr const char* python = "/usr/bin/python3";

bool python_has(const char* modules) { return shell(fmt::format("{} -c 'import {}'", python, modules)).status == 0; }

class OtherReaders : public ::testing::Test {
 protected:
  fs::path folder_ = fs::temp_directory_path() / fmt::format("kernelgate_readers_{}", ::getpid());
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  std::string path(const char* name) const { return (folder_ / name).string(); }
};

Result sample_result(double level) {
  std::vector<std::vector<double>> runs;
  for (double run : {1.0, 1.01, 0.99})
    runs.push_back({level * run, level * run * 1.1, level * run * 0.9, level, level});
  CaseResult measured = made_case("onednn", runs);
  measured.verification = VerificationRecord{true, 10, 20, 1e-4, 0.5, "fine"};
  measured.runs[0].sm_clock_hz = {1e9, 1e9, 1e9, 1e9, 1e9};
  measured.runs[0].discarded = {{"thermal", 3}};
  RegionTelemetry region;
  region.energy_j = {900, ""};
  region.xids = {std::vector<std::int64_t>{31, 43}, ""};
  region.power_capped = {true, ""};
  region.throttled_s["power_cap"] = {0.25, ""};
  region.pcie_replays = {std::nullopt, "no permission"};
  measured.runs[0].telemetry = {region};
  CaseResult skipped = made_case("cublaslt", {});
  skipped.status = CaseStatus::skipped;
  skipped.reason = "no GPU";
  return made_result({measured, skipped});
}

TEST_F(OtherReaders, TheSchemaHoldsAndIsStrict) {
  if (!python_has("jsonschema")) GTEST_SKIP() << "python3-jsonschema is not installed";
  const json good = to_json(sample_result(1e-3));
  const auto validate = [&](const json& document) {
    std::ofstream(path("a.json")) << document.dump();
    return shell(fmt::format("{} -W ignore -m jsonschema -i '{}' '{}/docs/result.schema.json'", python, path("a.json"),
                             source_folder().string()));
  };
  const Outcome valid = validate(good);
  EXPECT_EQ(valid.status, 0) << valid.output;
  write_result(sample_result(1e-3), path("b.json"));
  EXPECT_EQ(validate(read_json(path("b.json"))).status, 0);

  const std::pair<const char*, json> mutations[] = {
      {"/extra", 1},
      {"/kernelgate/extra", 1},
      {"/kernelgate/schema_version", 2},
      {"/kernelgate/status", "good"},
      {"/kernelgate/started_utc", "yesterday"},
      {"/kernelgate/device", "../x"},
      {"/kernelgate/cases/0/extra", 1},
      {"/kernelgate/cases/0/origin", "theirs"},
      {"/kernelgate/cases/0/flop", -1},
      {"/kernelgate/cases/0/verification/right", "yes"},
      {"/kernelgate/cases/0/runs/0/samples_s/0", nullptr},
      {"/kernelgate/cases/0/runs/0/summary/median_s", "1"},
      {"/kernelgate/cases/0/runs/0/discarded/thermal", -3},
      {"/kernelgate/cases/0/runs/0/telemetry/0/extra", 1},
      {"/kernelgate/cases/0/runs/0/telemetry/0/energy_j", nullptr},
      {"/kernelgate/cases/0/runs/0/telemetry/0/xids/0", "31"},
      {"/kernelgate/cases/0/runs/0/telemetry/0/pcie_replays/reason", ""},
      {"/benchmarks/0/time_unit", "ms"},
  };
  for (const auto& [pointer, value] : mutations) {
    json changed = good;
    changed[json::json_pointer(pointer)] = value;
    const Outcome outcome = validate(changed);
    EXPECT_EQ(outcome.status, 1) << pointer;
    EXPECT_THAT(outcome.output, ::testing::Not(HasSubstr("Traceback"))) << pointer;
  }
  json without = good;
  without["kernelgate"]["cases"][0].erase("injected");
  EXPECT_EQ(validate(without).status, 1);
}

TEST_F(OtherReaders, GooglesCompareReadsIt) {
  const char* tool = "/usr/share/benchmark/compare.py";
  if (!fs::exists(tool)) GTEST_SKIP() << "libbenchmark-tools is not installed";
  if (!python_has("numpy, scipy")) GTEST_SKIP() << "python3-numpy or python3-scipy is not installed";
  write_result(sample_result(1e-3), path("a.json"));
  write_result(sample_result(1.5e-3), path("b.json"));
  const Outcome outcome =
      shell(fmt::format("{} {} --no-color benchmarks '{}' '{}'", python, tool, path("a.json"), path("b.json")));
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("matmul/f16_nt/256x256x256/onednn/hot_median"));
  EXPECT_THAT(outcome.output, HasSubstr("+0.5000"));  // the new side is 50 % slower
}

TEST_F(OtherReaders, GooglesCompareSurvivesACaseThatFailed) {
  const char* tool = "/usr/share/benchmark/compare.py";
  if (!fs::exists(tool) || !python_has("numpy, scipy")) GTEST_SKIP() << "compare.py or its packages are not installed";
  Result failed = sample_result(1e-3);
  failed.cases[0].status = CaseStatus::wrong;
  write_result(sample_result(1e-3), path("a.json"));
  write_result(failed, path("b.json"));
  for (const auto& [one, other] : {std::pair{"a.json", "b.json"}, {"b.json", "a.json"}}) {
    const Outcome outcome = shell(fmt::format("{} {} benchmarks '{}' '{}'", python, tool, path(one), path(other)));
    EXPECT_EQ(outcome.status, 0) << outcome.output;
  }
}

}  // namespace
}  // namespace kernelgate

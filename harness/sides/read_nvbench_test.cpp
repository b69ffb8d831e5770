// nvbench's files and the samples beside them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <numeric>
#include <tuple>

#include <fmt/format.h>

#include "harness/judge/compare/compare.h"
#include "harness/sides/foreign.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

json summary(const std::string& tag, const json& value, const char* type = "float64", const char* name = "value") {
  return {{"tag", tag}, {"name", "n"}, {"data", {{{"name", name}, {"type", type}, {"value", value}}}}};
}

/// As nvbench of 2021 writes it: a mean and its spread.
json state(const json& axes, const char* mean = "0.002", const char* spread = "0.01") {
  return {{"name", "Device=0"},
          {"device", 0},
          {"axis_values", axes},
          {"summaries",
           {summary("nv/cold/sample_size", "400", "int64"), summary("nv/cold/time/gpu/mean", mean),
            summary("nv/cold/time/gpu/stdev/relative", spread), summary("nv/cold/sm_clock_rate/mean", "1.5e9")}},
          {"is_skipped", false}};
}

/// As nvbench of 2026 does: quartiles too.
json quartiles(const json& axes, const char* q1, const char* median, const char* q3) {
  json one = state(axes);
  for (const auto& [name, value] : {std::pair{"q1", q1}, {"median", median}, {"q3", q3}})
    one["summaries"].push_back(summary(fmt::format("nv/cold/time/gpu/{}", name), value));
  return one;
}

json axis(const char* name, const char* type, const json& value) {
  return {{"name", name}, {"type", type}, {"value", value}};
}

json device(int id, const char* name = "NVIDIA H200") {
  return {{"id", id},          {"name", name},
          {"sm_version", 900}, {"number_of_sms", 132},
          {"ecc_state", true}, {"l2_cache_size", 62914560}};
}

json document(const std::vector<json>& states) {
  return {{"meta",
           {{"argv", {"bench", "--json", "n.json"}},
            {"version", {{"json", {{"major", 1}, {"string", "1.0.0"}}}, {"nvbench", {{"string", "0.1.0"}}}}}}},
          {"devices", {device(0)}},
          {"benchmarks", {{{"name", "copy"}, {"axes", nullptr}, {"states", states}}}}};
}

class NvbenchFile : public ::testing::Test {
 protected:
  fs::path folder_ =
      fs::temp_directory_path() /
      fmt::format("kernelgate_{}_{}", ::getpid(), ::testing::UnitTest::GetInstance()->current_test_info()->name());
  void SetUp() override { fs::create_directories(folder_ / "n.json-bin"); }
  void TearDown() override { fs::remove_all(folder_); }

  void write_samples(const std::string& name, const std::vector<float>& samples) const {
    std::ofstream out(folder_ / name, std::ios::binary);
    for (float sample : samples) {
      std::uint32_t word = 0;
      std::memcpy(&word, &sample, sizeof word);
      for (int i = 0; i < 4; ++i) out.put(static_cast<char>(word >> (8 * i)));
    }
  }
  static json sampled(const std::string& filename, const json& size) {
    json one = state(nullptr);
    json file = summary("nv/json/bin:nv/cold/sample_times", filename, "string", "filename");
    file["data"].push_back({{"name", "size"}, {"type", "int64"}, {"value", size}});
    one["summaries"].push_back(file);
    return one;
  }
  Side read(const json& from) const {
    const ForeignFormat* format = foreign_format(from);
    if (!format) throw ResultError("no known format");
    return read_foreign(*format, from, folder_ / "n.json", "");
  }
  SideCase only(const json& one) const { return read(document({one})).cases.at(0); }
  std::string error_of(const json& from) const {
    try {
      read(from);
    } catch (const ResultError& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr("n.json"), Not(HasSubstr("\n")), Not(HasSubstr("[json.exception"))));
      return error.what();
    }
    return "no error";
  }
};

TEST_F(NvbenchFile, AxesMakeTheName) {
  const json axes = {axis("T", "string", "F16"), axis("Elements", "int64", "1048576"), axis("Ratio", "float64", "0.1")};
  const SideCase one = only(state(axes));
  EXPECT_EQ(one.name, "copy T=F16 Elements=1048576 Ratio=0.1");
  EXPECT_EQ(one.op, "copy");
  EXPECT_EQ(only(state(nullptr)).name, "copy");
  // The state's own name rounds to five digits, and would be one for these two.
  const Side close = read(document(
      {state(json::array({axis("R", "float64", "0.1000001")})), state(json::array({axis("R", "float64", "0.1")}))}));
  EXPECT_EQ(close.cases.size(), 2u);
  EXPECT_THAT(error_of(document({state(axes), state(axes)})), HasSubstr("is there twice"));
}

TEST_F(NvbenchFile, OldFilesGiveMeansAndTheirSpread) {
  const Side side = read(document({state(nullptr)}));
  EXPECT_EQ(side.device_kind, "cuda");
  EXPECT_EQ(side.source, "nvbench");
  const RunSummary& run = side.cases.at(0).runs.at(0);
  EXPECT_DOUBLE_EQ(run.median_s, 0.002);
  EXPECT_NEAR(std::log(run.q3_s / run.q1_s) / 1.349, 0.01, 1e-5);
  EXPECT_EQ(run.samples, 400u);
  EXPECT_EQ(run.clock_hz, 1.5e9);
  for (const char* spread : {"inf", "nan", "-1", "junk"}) {
    const SideCase one = only(state(nullptr, "0.002", spread));
    EXPECT_EQ(one.runs.at(0).samples, 1u) << spread;
    EXPECT_THAT(one.remedy, HasSubstr("--min-samples"));
  }
}

TEST_F(NvbenchFile, NewFilesGiveQuartiles) {
  const Side side = read(document({quartiles(nullptr, "0.001", "0.002", "0.003")}));
  const RunSummary& run = side.cases.at(0).runs.at(0);
  EXPECT_EQ(run.q1_s, 0.001);
  EXPECT_EQ(run.median_s, 0.002);
  EXPECT_EQ(run.q3_s, 0.003);
  EXPECT_THAT(side.description, HasSubstr("medians"));
  // A median is not compared with a mean: both sides' means are, and it is said.
  const Side apart = read(document({quartiles(nullptr, "0.0024", "0.0025", "0.0026")}));  // of a mean of 0.002
  const Comparison mixed = compare(read(document({state(nullptr, "0.003")})), apart, {});
  EXPECT_NEAR(*mixed.cases.at(0).ratio, 2.0 / 3, 1e-9);
  EXPECT_THAT(mixed.cases.at(0).reason, HasSubstr("by means, for one side has no medians of it"));
  EXPECT_EQ(mixed.cases.at(0).verdict, Verdict::faster) << mixed.cases.at(0).reason;
  const Comparison other_way = compare(apart, read(document({state(nullptr, "0.003")})), {});
  EXPECT_NEAR(*other_way.cases.at(0).ratio, 1.5, 1e-9);
  // One state without quartiles changes no other.
  const Side both = read(document({quartiles(json::array({axis("a", "int64", "1")}), "0.001", "0.002", "0.003"),
                                   state(json::array({axis("a", "int64", "2")}), "0.004")}));
  EXPECT_EQ(both.cases.at(0).figure, "medians");
  EXPECT_EQ(both.cases.at(0).runs.at(0).q1_s, 0.001);
  EXPECT_EQ(both.cases.at(1).figure, "means");
  EXPECT_EQ(both.cases.at(1).runs.at(0).median_s, 0.004);
  EXPECT_EQ(only(quartiles(nullptr, "0.003", "0.002", "0.001")).status, CaseStatus::invalid);
}

TEST_F(NvbenchFile, SamplesLieBesideTheDocument) {
  write_samples("n.json-bin/0.bin", {5e-3F, 1e-3F, 4e-3F, 2e-3F, 3e-3F});
  for (const char* name :
       {"n.json-bin/0.bin", "results/of/old/n.json-bin/0.bin", "n.json-bin\\0.bin", "C:\\old\\n.json-bin\\0.bin"}) {
    const SideCase one = only(sampled(name, "5"));
    ASSERT_EQ(one.status, CaseStatus::measured) << one.reason;
    EXPECT_FLOAT_EQ(static_cast<float>(one.runs.at(0).median_s), 3e-3F);
    EXPECT_FLOAT_EQ(static_cast<float>(one.runs.at(0).q1_s), 2e-3F);
    EXPECT_EQ(one.runs.at(0).samples, 5u);
    EXPECT_EQ(one.runs.at(0).clock_hz, 1.5e9);
  }
  write_samples("n.json-bin/1.bin", {1e-6F, 2e-6F, 2e-6F, 3e-6F, 2e-6F, 1e-6F});
  EXPECT_NEAR(only(sampled("n.json-bin/1.bin", "6")).runs.at(0).quantum_s, 1e-6, 1e-12);
  json not_written = sampled("n.json-bin/0.bin", "5");  // nvbench could not write it: a summary with no name of a file
  not_written["summaries"].back().erase("data");
  EXPECT_EQ(only(not_written).runs.at(0).median_s, 0.002);
}

TEST_F(NvbenchFile, AMillionSamplesAreRead) {
  std::vector<float> many(1'000'001);
  std::iota(many.begin(), many.end(), 1.0F);
  write_samples("n.json-bin/0.bin", many);
  const SideCase one = only(sampled("n.json-bin/0.bin", "1000001"));
  EXPECT_EQ(one.runs.at(0).samples, 1'000'001u);
  EXPECT_EQ(one.runs.at(0).median_s, 500'001);
}

TEST_F(NvbenchFile, SamplesThatCantBeUsedMakeTheCaseInvalid) {
  write_samples("n.json-bin/0.bin", {1e-3F, 1e-3F});
  write_samples("n.json-bin/1.bin", {1e-3F, 0.0F});
  write_samples("n.json-bin/2.bin", {std::numeric_limits<float>::quiet_NaN()});
  write_samples("n.json-bin/3.bin", {-1e-3F});
  write_samples("n.json-bin/4.bin", {std::numeric_limits<float>::infinity()});
  write_samples("n.json-bin/5.bin", {});
  for (const auto& [name, size, text] : {std::tuple{"n.json-bin/9.bin", "2", "copy the folder"},
                                         {"/dev/zero", "2", "copy the folder"},
                                         {"n.json-bin", "2", "copy the folder"},
                                         {"n.json-bin/0.bin", "3", "8 bytes, and 3 samples need 12"},
                                         {"n.json-bin/0.bin", "many", "8 bytes"},
                                         {"n.json-bin/0.bin", "-2", "8 bytes"},
                                         {"n.json-bin/1.bin", "2", "sample 1"},
                                         {"n.json-bin/2.bin", "1", "sample 0"},
                                         {"n.json-bin/3.bin", "1", "sample 0"},
                                         {"n.json-bin/4.bin", "1", "is inf s, which is no time"},
                                         {"n.json-bin/5.bin", "0", "0 bytes"}}) {
    const SideCase one = only(sampled(name, size));
    EXPECT_EQ(one.status, CaseStatus::invalid) << name;
    EXPECT_THAT(one.reason, HasSubstr(text));
  }
}

TEST_F(NvbenchFile, WhatIsNoTimeIsInvalid) {
  for (const char* bad : {"0", "-0.002", "nan", "inf", "1e400", "junk", "", "0.002 s"}) {
    const SideCase one = only(state(nullptr, bad));
    EXPECT_EQ(one.status, CaseStatus::invalid) << bad;
    EXPECT_THAT(one.reason, HasSubstr(fmt::format("its nv/cold/time/gpu/mean is {}", bad)));
  }
  json none = state(nullptr);
  none["summaries"] = nullptr;
  EXPECT_EQ(only(none).reason, "it has no nv/cold/time/gpu/median");
  json clock = state(nullptr);
  clock["summaries"][3] = summary("nv/cold/sm_clock_rate/mean", "0");
  EXPECT_EQ(only(clock).status, CaseStatus::invalid);
}

TEST_F(NvbenchFile, SkippedStatesAreSaid) {
  json skipped = state(nullptr);
  skipped["is_skipped"] = true;
  skipped["skip_reason"] = "too large";
  skipped["summaries"] = nullptr;
  const Side side = read(document({skipped, state(json::array({axis("a", "int64", "1")}))}));
  const Comparison comparison = compare(side, side, {});
  EXPECT_EQ(comparison.cases.at(0).verdict, Verdict::skipped);
  EXPECT_EQ(comparison.cases.at(0).reason, "too large");
  json cpu = state(nullptr);
  cpu["summaries"] = {summary("nv/cpu_only/sample_size", "9"), summary("nv/cpu_only/time/cpu/mean", "1")};
  EXPECT_THAT(only(cpu).reason, HasSubstr("the CPU alone"));
  // Beside a GPU's: its device's number may be anything, and is nobody's.
  for (const json& number : {json(nullptr), json(21930), json(0)}) {
    cpu["device"] = number;
    const Side mixed = read(document({state(nullptr), cpu}));
    ASSERT_EQ(mixed.cases.size(), 1u) << "both have no axis: the one that is measured";
    json named = cpu;
    named["axis_values"] = json::array({axis("a", "int64", "1")});
    const Side two = read(document({state(nullptr), named}));
    ASSERT_EQ(two.cases.size(), 2u);
    EXPECT_EQ(two.cases[0].status, CaseStatus::measured);
    EXPECT_EQ(two.cases[1].status, CaseStatus::skipped);
    EXPECT_EQ(compare(two, two, {}).exit_code(false), ExitCode::good);
  }
}

TEST_F(NvbenchFile, TheSameGpuHasNoNumber) {
  json other = document({state(nullptr)});
  other["devices"] = {device(0, "another"), device(4)};
  other["benchmarks"][0]["states"][0]["device"] = 4;
  const Comparison comparison = compare(read(document({state(nullptr)})), read(other), {});
  EXPECT_THAT(comparison.differences, testing::IsEmpty());
  ASSERT_EQ(comparison.cases.size(), 1u);
  EXPECT_EQ(comparison.cases[0].ratio, 1);
}

TEST_F(NvbenchFile, AMalformedStateIsItsOwnAffair) {
  json bad = state(json::array({axis("a", "int64", "1")}));
  bad["summaries"][0]["tag"] = 5;
  const Side side = read(document({state(nullptr), bad, json(5)}));
  ASSERT_EQ(side.cases.size(), 3u);
  EXPECT_EQ(side.cases[0].status, CaseStatus::measured);
  for (std::size_t i : {1u, 2u}) EXPECT_EQ(side.cases[i].status, CaseStatus::invalid);
  EXPECT_EQ(side.cases[2].name, "\"copy\", state 3");
}

TEST_F(NvbenchFile, AnotherDeviceIsRefused) {
  const Side base = read(document({state(nullptr)}));
  for (const auto& [key, value] : {std::pair<const char*, json>{"name", "NVIDIA H100"},
                                   {"number_of_sms", 114},
                                   {"ecc_state", false},
                                   {"sm_version", 901},
                                   {"l2_cache_size", 1},
                                   {"new_field", 1}}) {
    json other = document({state(nullptr)});
    other["devices"][0][key] = value;
    const Comparison comparison = compare(base, read(other), {});
    EXPECT_EQ(comparison.exit_code(false), ExitCode::refused);
    ASSERT_EQ(comparison.differences.size(), 1u);
    EXPECT_THAT(comparison.differences[0], HasSubstr(fmt::format("device_{}: ", key)));
  }
  for (const char* fact : {"driver", "gpu_uuid", "cuda_runtime", "power_limit_w", "mig"})
    EXPECT_EQ(base.fingerprint["identity"][fact]["reason"], "nvbench does not record it") << fact;
}

TEST_F(NvbenchFile, SeveralDevicesAreSeveralCases) {
  json from = document({state(nullptr), state(nullptr)});
  from["benchmarks"][0]["states"][1]["device"] = 1;
  const Side lacking = read(from);
  EXPECT_THAT(lacking.cases.at(1).reason, HasSubstr("its devices lack number 1"));
  EXPECT_EQ(lacking.cases.at(0).status, CaseStatus::measured);
  from["devices"].push_back(device(1, "NVIDIA H100"));
  from["devices"].push_back(device(2, "unused"));
  const Side side = read(from);
  ASSERT_EQ(side.cases.size(), 2u);
  EXPECT_EQ(side.cases[1].name, "copy Device=NVIDIA H100");
  EXPECT_EQ(side.fingerprint["identity"]["device_2_name"], "NVIDIA H100");
  EXPECT_FALSE(side.fingerprint["identity"].contains("device_3_name"));
  // Of one model they can be told apart by their order alone.
  from["devices"][1]["name"] = from["devices"][0]["name"];
  EXPECT_EQ(read(from).cases.at(1).name, "copy Device=NVIDIA H200 #2");
}

TEST_F(NvbenchFile, SaysWhatIsWrongWithTheDocument) {
  const auto changed = [&](const std::string& pointer, const json& value) {
    json from = document({state(nullptr)});
    from[json::json_pointer(pointer)] = value;
    return error_of(from);
  };
  EXPECT_THAT(changed("/meta/version/json", {{"major", 2}, {"string", "2.0.0"}}), HasSubstr("JSON version \"2.0.0\""));
  EXPECT_THAT(changed("/meta", 1), HasSubstr("JSON version null, and 1 is known"));
  EXPECT_THAT(changed("/benchmarks", nullptr), HasSubstr("no benchmarks"));
  EXPECT_THAT(changed("/benchmarks", 5), HasSubstr("its benchmarks is 5, not a list"));
  EXPECT_THAT(changed("/benchmarks/0/states", nullptr), HasSubstr("no benchmarks"));
  EXPECT_THAT(changed("/benchmarks/0/states", 5), HasSubstr("not a list"));
  EXPECT_THAT(changed("/benchmarks/0/states/0/summaries", 5), AllOf(HasSubstr("\"copy\", state 1"), HasSubstr("list")));
  EXPECT_THAT(changed("/benchmarks/0/states/0", 5), HasSubstr("state 1"));
  EXPECT_THAT(changed("/benchmarks/0/states/0/summaries/0/tag", 5), HasSubstr("state 1"));
  EXPECT_THAT(changed("/benchmarks/0/states/0/summaries/0/tag", "nv/cold/time/gpu/mean"), HasSubstr("two summaries"));
  EXPECT_THAT(changed("/benchmarks/0/name", 5), HasSubstr("must be string"));
  EXPECT_THAT(changed("/devices", nullptr), HasSubstr("its devices lack number 0"));
}

}  // namespace
}  // namespace kernelgate

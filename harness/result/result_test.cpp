#include "harness/result/result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <limits>

#include <fmt/format.h>

#include "harness/base/atomic_file.h"
#include "harness/result/result_for_test.h"

namespace kernelgate {
namespace {

using for_test::made_case;
using for_test::made_result;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class ResultFile : public ::testing::Test {
 protected:
  fs::path folder_ =
      fs::temp_directory_path() /
      fmt::format("kernelgate_{}_{}", ::getpid(), ::testing::UnitTest::GetInstance()->current_test_info()->name());
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path file(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }
  static std::string content(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
};

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const ResultError& error) {
    EXPECT_THAT(error.what(), Not(HasSubstr("\n")));
    EXPECT_EQ(error.code, ExitCode::usage);
    return error.what();
  }
  return "no error";
}

Result full_result() {
  CaseResult measured = made_case("onednn", {{1e-3, 1.5e-3, 2e-3}, {1.1e-3, 1.2e-3}});
  measured.verification = VerificationRecord{true, 10, 20, 1e-4, 0.5, "fine"};
  measured.runs[0].sm_clock_hz = {1e9, 1.1e9, 1.2e9};
  measured.runs[0].control_s = {1e-4, 1.5e-4};
  measured.runs[0].discarded = {{"thermal", 3}};
  measured.runs[1].launches_per_sample = 4;
  RegionTelemetry region;
  region.seconds = 1.5;
  region.samples = 30;
  region.energy_j = {900, ""};
  region.xids = {std::vector<std::int64_t>{31, 43}, ""};
  region.power_capped = {true, ""};
  region.throttled_s["power_cap"] = {0.25, ""};
  region.throttled_s["sync_boost"] = {std::nullopt, "not supported by this GPU"};
  region.sm_clock_median_hz = {1.755e9, ""};
  region.pcie_replays = {std::nullopt, "no permission"};
  measured.runs[0].telemetry = {region};
  CaseResult wrong = made_case("broken", {});
  wrong.status = CaseStatus::wrong;
  wrong.reason = "3 of 9 outputs";
  return made_result({measured, wrong});
}

TEST_F(ResultFile, ReadsWhatItWrote) {
  const Result wrote = full_result();
  write_result(wrote, folder_ / "a.json");
  const Result read = read_result(folder_ / "a.json");
  EXPECT_EQ(to_json(read)["kernelgate"], to_json(wrote)["kernelgate"]);
  EXPECT_EQ(read.cases[0].runs[0].samples_s, wrote.cases[0].runs[0].samples_s);
  EXPECT_EQ(read.cases[0].runs[1].launches_per_sample, 4);
  EXPECT_EQ(read.cases[0].runs[0].control_s, wrote.cases[0].runs[0].control_s);
  EXPECT_TRUE(read.cases[0].runs[1].control_s.empty());
  ASSERT_EQ(read.cases[0].runs[0].telemetry.size(), 1u);
  const RegionTelemetry& telemetry = read.cases[0].runs[0].telemetry[0];
  EXPECT_EQ(telemetry.energy_j.value, 900);
  EXPECT_EQ(telemetry.xids.value, (std::vector<std::int64_t>{31, 43}));
  EXPECT_EQ(telemetry.throttled_s.at("power_cap").value, 0.25);
  EXPECT_EQ(telemetry.sm_clock_median_hz.value, 1.755e9);
  EXPECT_EQ(telemetry.pcie_replays.reason, "no permission");
  EXPECT_TRUE(read.cases[0].runs[1].telemetry.empty());
  EXPECT_EQ(read.cases[1].status, CaseStatus::wrong);
  EXPECT_EQ(read.context["library_build_type"], "release");
  EXPECT_EQ(files(), 1u);
}

TEST_F(ResultFile, ReadsFilesFromBeforeTheControlAndTheTelemetry) {
  json document = to_json(full_result());
  for (json& run : document["kernelgate"]["cases"][0]["runs"]) {
    run.erase("control_s");
    run.erase("telemetry");
  }
  const Result read = result_from_json(document, "old.json");
  EXPECT_TRUE(read.cases[0].runs[0].control_s.empty());
  EXPECT_TRUE(read.cases[0].runs[0].telemetry.empty());
}

TEST_F(ResultFile, IsAGoogleBenchmarkDocument) {
  const json document = to_json(full_result());
  const json& entries = document["benchmarks"];
  ASSERT_EQ(entries.size(), 2u + 4u + 1u);  // two runs, four aggregates, one error
  EXPECT_EQ(entries[0]["repetitions"], 2);
  EXPECT_EQ(entries[1]["repetition_index"], 1);
  EXPECT_DOUBLE_EQ(entries[0]["real_time"].get<double>(), 1.5e6);
  EXPECT_EQ(entries[0]["iterations"], 3);
  EXPECT_EQ(entries[1]["iterations"], 8);
  EXPECT_DOUBLE_EQ(entries[0]["flop_per_second"].get<double>(), 33554432 / 1.5e-3);
  EXPECT_EQ(entries[2]["aggregate_name"], "mean");
  EXPECT_DOUBLE_EQ(entries[2]["real_time"].get<double>(), (1.5e6 + 1.15e6) / 2);
  EXPECT_EQ(entries[5]["aggregate_unit"], "percentage");
  EXPECT_TRUE(entries[6]["error_occurred"].get<bool>());
  EXPECT_EQ(entries[6]["error_message"], "wrong: 3 of 9 outputs");
}

TEST_F(ResultFile, NeverWritesANumberThatJsonLacks) {
  for (double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    Result sample = full_result();
    sample.cases[0].runs[0].samples_s[1] = bad;
    EXPECT_THAT(error_of([&] { write_result(sample, folder_ / "a.json"); }), HasSubstr("onednn/hot"));
    Result elsewhere = full_result();
    elsewhere.fingerprint["identity"]["power_limit_w"] = bad;
    EXPECT_THAT(error_of([&] { write_result(elsewhere, folder_ / "a.json"); }), HasSubstr("power_limit_w"));
  }
  EXPECT_EQ(files(), 0u);
}

TEST_F(ResultFile, TextThatIsNotUtf8IsReplacedNotFatal) {
  Result result = full_result();
  result.suite = "caf\xe9";
  write_result(result, folder_ / "a.json");
  EXPECT_EQ(read_result(folder_ / "a.json").suite, "caf\xef\xbf\xbd");
}

TEST_F(ResultFile, SaysWhatIsWrongWithAFile) {
  const auto reading = [&](const fs::path& path) { return error_of([&] { read_result(path); }); };
  const std::string whole = dump_lines(to_json(full_result()));
  EXPECT_THAT(reading(folder_ / "none.json"), AllOf(HasSubstr("none.json"), HasSubstr("No such file")));
  EXPECT_THAT(reading(folder_), HasSubstr("is a folder"));
  EXPECT_THAT(reading(file("empty.json", " \n")), HasSubstr("is empty"));
  EXPECT_THAT(reading(file("cut.json", whole.substr(0, 700))), AllOf(HasSubstr("truncated"), HasSubstr("byte 700")));
  EXPECT_THAT(reading(file("text.json", "{\"a\": hello}")), AllOf(HasSubstr("not JSON"), HasSubstr("byte 7")));
  EXPECT_THAT(reading(file("nan.json", "{\"a\": NaN}")), HasSubstr("not JSON"));
  EXPECT_THAT(reading(file("huge.json", "{\"a\": 1e999}")), HasSubstr("huge.json"));
  EXPECT_THAT(reading(file("list.json", "[1]")), HasSubstr("is not a result"));
  EXPECT_THAT(reading(file("other.json", "{\"a\": 1}")), HasSubstr("no key 'kernelgate'"));
  EXPECT_THAT(reading(file("google.json", "{\"context\": {}, \"benchmarks\": []}")),
              HasSubstr("plain Google Benchmark file"));
}

TEST_F(ResultFile, SaysWhatIsWrongWithADocument) {
  const json good = to_json(full_result());
  const auto changed = [&](const std::string& pointer, const json& value) {
    json document = good;
    document[json::json_pointer(pointer)] = value;
    return error_of([&] { result_from_json(document, "r.json"); });
  };
  EXPECT_THAT(changed("/kernelgate/schema_version", 2), HasSubstr("schema version 2, and this program reads 1"));
  EXPECT_THAT(changed("/kernelgate/schema_version", "1"), HasSubstr("schema version \"1\""));
  EXPECT_THAT(changed("/kernelgate", 3), HasSubstr("schema version null"));
  EXPECT_THAT(changed("/kernelgate/wall_s", "long"), AllOf(HasSubstr("its head"), HasSubstr("must be number")));
  EXPECT_THAT(changed("/kernelgate/cases/1/status", "good"), AllOf(HasSubstr("case 2"), HasSubstr("unknown status")));
  EXPECT_THAT(changed("/kernelgate/cases/0/runs/0/samples_s/1", nullptr), HasSubstr("case 1"));
  EXPECT_THAT(changed("/kernelgate/cases/0/runs/0/sm_clock_hz", json{1e9}), HasSubstr("3 samples but 1 clocks"));
  EXPECT_THAT(changed("/kernelgate/cases/0/runs/0/control_s", json{0}), HasSubstr("a control of 0 s"));
  EXPECT_THAT(changed("/kernelgate/cases/1/name", good["kernelgate"]["cases"][0]["name"]), HasSubstr("there twice"));
}

TEST_F(ResultFile, AFailedWriteLeavesTheOldFileWhole) {
  const fs::path path = file("a.json", "old");
  // As on a full disk: the kernel refuses to let the new file grow over 100 bytes.
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 100;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string text = error_of([&] { write_result(full_result(), path); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_THAT(text, AllOf(HasSubstr("File too large"), HasSubstr("a.json"), HasSubstr("free some space")));
  EXPECT_EQ(content(path), "old");
  EXPECT_EQ(files(), 1u);
}

TEST_F(ResultFile, SaysWhyItCantWrite) {
  const auto writing = [&](const fs::path& path) { return error_of([&] { write_result(full_result(), path); }); };
  const fs::path regular = file("a", "old");
  EXPECT_THAT(writing(folder_ / "missing" / "a.json"), HasSubstr("create its folder first"));
  EXPECT_THAT(writing(regular / "a.json"), HasSubstr("Not a directory"));
  EXPECT_THAT(writing(folder_), HasSubstr("is a folder"));
  EXPECT_THAT(writing("/dev/full"), HasSubstr("No space left"));
  EXPECT_TRUE(fs::is_character_file("/dev/full")) << "a device was replaced by a file";
  if (::geteuid() != 0) {
    fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
    EXPECT_THAT(writing(folder_ / "b.json"), HasSubstr("may write to"));
    fs::permissions(folder_, fs::perms::owner_all);
  }
  EXPECT_EQ(content(regular), "old");
  EXPECT_EQ(files(), 1u);
}

TEST_F(ResultFile, WritesThroughALink) {
  const fs::path target = file("target.json", "old");
  fs::create_symlink(target, folder_ / "link.json");
  write_result(full_result(), folder_ / "link.json");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link.json"));
  EXPECT_EQ(read_result(target).suite, "smoke");
}

TEST(MergeRuns, RenumbersAndKeepsTheWorst) {
  Result first = made_result({made_case("a", {{1, 2}}), made_case("b", {{3}})});
  Result second = made_result({made_case("a", {{4}}), made_case("b", {{5}})});
  second.started_utc = "2026-01-02T03:00:00Z";
  second.cases[1].status = CaseStatus::wrong;
  second.cases[1].reason = "9 outputs";
  second.cases[1].verification = VerificationRecord{false, 9, 9, 1, 100, "bad"};
  first.cases[1].verification = VerificationRecord{true, 9, 9, 1e-5, 0.5, "good"};
  const Result whole = merge_runs({first, second, first});
  ASSERT_EQ(whole.cases.size(), 2u);
  ASSERT_EQ(whole.cases[0].runs.size(), 3u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(whole.cases[0].runs[static_cast<std::size_t>(i)].run, i);
  EXPECT_EQ(whole.cases[0].runs[1].samples_s, std::vector<double>{4});
  EXPECT_EQ(whole.cases[0].status, CaseStatus::measured);
  EXPECT_EQ(whole.cases[1].status, CaseStatus::wrong);
  EXPECT_EQ(whole.cases[1].reason, "run 1: 9 outputs");
  EXPECT_FALSE(whole.cases[1].verification->right);
  EXPECT_EQ(whole.started_utc, "2026-01-02T03:00:00Z");
  EXPECT_DOUBLE_EQ(whole.wall_s, 4.5);
}

TEST(MergeRuns, WhatWasInjectedInOneRunIsSoInTheWhole) {
  const Result plain = made_result({made_case("a", {{1}})});
  Result injected = plain;
  injected.cases[0].injected = true;
  EXPECT_TRUE(merge_runs({injected, plain}).cases[0].injected);
  EXPECT_TRUE(merge_runs({plain, injected}).cases[0].injected);
  EXPECT_FALSE(merge_runs({plain, plain}).cases[0].injected);
}

TEST(MergeRuns, ControlsAreRenumberedWithTheirRuns) {
  Result one = made_result({made_case("a", {{1}})});
  one.controls = {{"alu", 0, {1}, {2}}, {"launch", 0, {3}, {4}}};
  Result without = made_result({made_case("a", {{1}})});
  const Result whole = merge_runs({one, without, one});
  ASSERT_EQ(whole.controls.size(), 4u);
  EXPECT_EQ(whole.controls[1].name, "launch");
  EXPECT_EQ(whole.controls[1].run, 0);
  EXPECT_EQ(whole.controls[2].name, "alu");
  EXPECT_EQ(whole.controls[2].run, 2);
  EXPECT_EQ(whole.controls[2].last_s, std::vector<double>{2});
}

TEST(MergeRuns, ACodeHashIsThatOfAllRunsOrNone) {
  Result one = made_result({made_case("a", {{1}})});
  one.cases[0].code_hash = "11";
  Result other = one;
  EXPECT_EQ(merge_runs({one, other}).cases[0].code_hash, "11");
  other.cases[0].code_hash = "22";
  EXPECT_EQ(merge_runs({one, other}).cases[0].code_hash, "");
}

TEST(MergeRuns, WhatWasChosenIsThatOfAllRunsOrNone) {
  Result one = made_result({made_case("ours", {{1}})});
  one.cases[0].kernel = "sm80_multistage";
  one.cases[0].chosen_by = "cp.async";
  Result other = result_from_json(to_json(one), "itself");
  EXPECT_EQ(merge_runs({one, other}).cases[0].kernel, "sm80_multistage");
  EXPECT_EQ(merge_runs({one, other}).cases[0].chosen_by, "cp.async");
  other.cases[0].kernel = "sm75_multistage";
  other.cases[0].chosen_by = "mma";
  EXPECT_EQ(merge_runs({one, other}).cases[0].kernel, "");
  EXPECT_EQ(merge_runs({one, other}).cases[0].chosen_by, "");
}

TEST(MergeRuns, RefusesWhatIsNotOneSuite) {
  const Result one = made_result({made_case("a", {{1}}), made_case("b", {{1}})});
  EXPECT_THAT(error_of([] { merge_runs({}); }), HasSubstr("no runs"));
  Result other = one;
  other.fingerprint["identity"]["cores"] = 4;
  EXPECT_THAT(error_of([&] { merge_runs({one, other}); }), HasSubstr("environment"));
  other = one;
  other.injection = "slow:a:1.1";
  EXPECT_THAT(error_of([&] { merge_runs({one, other}); }), HasSubstr("injection"));
  other = one;
  other.cases.pop_back();
  EXPECT_THAT(error_of([&] { merge_runs({one, other}); }), HasSubstr("1 of 2 runs"));
  other.status = "interrupted";
  EXPECT_EQ(merge_runs({one, other}).status, "interrupted");
}

TEST(ExitCodes, TheWorstWins) {
  const ExitCode order[] = {ExitCode::usage,      ExitCode::wrong,   ExitCode::invalid,      ExitCode::refused,
                            ExitCode::regression, ExitCode::nothing, ExitCode::inconclusive, ExitCode::good};
  for (std::size_t i = 0; i < std::size(order); ++i)
    for (std::size_t j = i; j < std::size(order); ++j) {
      EXPECT_EQ(worse(order[i], order[j]), order[i]);
      EXPECT_EQ(worse(order[j], order[i]), order[i]);
    }
}

}  // namespace
}  // namespace kernelgate

// The files of github-action-benchmark, asv, pytest-benchmark, hyperfine and criterion, and what is broken in them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "harness/base/temporary_folder.h"
#include "harness/sides/foreign.h"
#include "harness/sides/foreign_time.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

std::vector<Side> runs_of(const std::string& text, const fs::path& path = "2026-03-04/file.json") {
  const json document = foreign_json(text, path.string());
  const ForeignFormat* format = foreign_format(document);
  if (format == nullptr) throw ResultError("no format");
  return read_foreign_runs(*format, document, path, "");
}

std::string refusal_of(const std::string& text) {
  try {
    runs_of(text);
  } catch (const ResultError& error) {
    return error.what();
  }
  return {};
}

const SideCase& case_called(const Side& side, const std::string& name) {
  const auto found = std::ranges::find(side.cases, name, &SideCase::name);
  if (found == side.cases.end()) throw ResultError("no case " + name);
  return *found;
}

json action_bench(const char* name, double value, const char* unit) {
  return {{"name", name}, {"value", value}, {"unit", unit}};
}

TEST(ActionBenchmark, EachEntryIsARunWithItsTimeAndCommit) {
  const json entries = json::array({{{"commit", {{"id", "bbb"}}},
                                     {"date", 1700100000000},
                                     {"tool", "cargo"},
                                     {"benches", {action_bench("a", 40, "ns/iter")}}},
                                    {{"commit", {{"id", "aaa"}}},
                                     {"date", 1700000000000},
                                     {"tool", "cargo"},
                                     {"benches",
                                      {action_bench("a", 30, "ns/iter"), action_bench("rate", 200, "iter/sec"),
                                       action_bench("size", 5, "bytes")}}}});
  const std::string text =
      "window.BENCHMARK_DATA = " + json{{"lastUpdate", 1}, {"repoUrl", "u"}, {"entries", {{"s", entries}}}}.dump() +
      ";";
  const std::vector<Side> runs = runs_of(text, "data.js");
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].started_utc, "2023-11-14T22:13:20Z") << "by time";
  EXPECT_EQ(runs[0].build.at("commit"), "aaa");
  EXPECT_DOUBLE_EQ(case_called(runs[0], "a").runs.at(0).median_s, 30e-9);
  EXPECT_EQ(case_called(runs[0], "a").runs.at(0).samples, 1U) << "a single value";
  EXPECT_EQ(case_called(runs[0], "a").runs.at(0).night, "2023-11-14");
  EXPECT_DOUBLE_EQ(case_called(runs[0], "rate").runs.at(0).median_s, 0.005) << "a rate is a time's inverse";
  EXPECT_EQ(case_called(runs[0], "size").status, CaseStatus::skipped);
  const json document = foreign_json(text, "data.js");
  EXPECT_EQ(read_foreign(*foreign_format(document), document, "data.js", "").build.at("commit"), "bbb") << "the last";
}

TEST(ActionBenchmark, ABrokenEntryOrValueLeavesTheRest) {
  const json good{
      {"commit", {{"id", "a"}}},
      {"date", 1700000000000},
      {"tool", "go"},
      {"benches", {action_bench("a", 3, "ms"), action_bench("b", -1, "ms"), action_bench("c", 1e-9, "ns")}}};
  const auto text = [&](const json& entries) {
    return json{{"lastUpdate", 1}, {"repoUrl", "u"}, {"entries", {{"s", entries}}}}.dump();
  };
  const std::vector<Side> runs = runs_of(text({good, 5, {{"benches", 7}}}));
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_THAT(runs[0].notes, ElementsAre(HasSubstr("suite s, entry 2")));
  EXPECT_EQ(case_called(runs[0], "a").status, CaseStatus::measured);
  EXPECT_EQ(case_called(runs[0], "b").status, CaseStatus::invalid);
  EXPECT_THAT(case_called(runs[0], "c").reason, HasSubstr("less than a clock cycle"));
  EXPECT_THAT(refusal_of(text(json::array({5}))), HasSubstr("entry 1"));
  EXPECT_THAT(refusal_of(text(json::array())), HasSubstr("it holds no runs"));
}

TEST(Asv, RowsOfVersionTwoAreCasesByTheirParameters) {
  const json document{{"commit_hash", "c0ffee"},
                      {"env_name", "virtualenv"},
                      {"date", 1700000000000},
                      {"params", {{"machine", "runner 1"}, {"cpu", "EPYC"}, {"num_cpu", "4"}}},
                      {"result_columns",
                       {"result", "params", "version", "started_at", "duration", "stats_ci_99_a", "stats_ci_99_b",
                        "stats_q_25", "stats_q_75", "stats_number", "stats_repeat"}},
                      {"results",
                       {{"b.D.time_ddot",
                         {{1e-6, 2e-6, nullptr, 4e-6},
                          json::array({json::array({"100", "1000"}), json::array({"'C'", "'F'"})}),
                          "v",
                          1,
                          1,
                          json::array(),
                          json::array(),
                          {0.9e-6, 1.9e-6, nullptr, 3e-6},
                          {1.1e-6, 2.2e-6, nullptr, 5e-6},
                          {10, 10, nullptr, 10},
                          {9, 9, nullptr, 2}}},
                        {"b.D.track_size", {{5}, json::array()}}}}};
  const Side side = runs_of(document.dump()).at(0);
  EXPECT_EQ(side.device, "cpu_runner_1");
  EXPECT_EQ(side.build.at("commit"), "c0ffee");
  EXPECT_EQ(side.started_utc, "2023-11-14T22:13:20Z");
  const RunSummary& first = case_called(side, "b.D.time_ddot(100, 'C')").runs.at(0);
  EXPECT_DOUBLE_EQ(first.median_s, 1e-6);
  EXPECT_DOUBLE_EQ(first.q1_s, 0.9e-6);
  EXPECT_EQ(first.samples, 9U);
  EXPECT_DOUBLE_EQ(case_called(side, "b.D.time_ddot(100, 'F')").runs.at(0).median_s, 2e-6) << "the last turns first";
  EXPECT_EQ(case_called(side, "b.D.time_ddot(1000, 'C')").status, CaseStatus::skipped) << "null: it failed";
  EXPECT_EQ(case_called(side, "b.D.track_size").status, CaseStatus::skipped) << "no time";
}

TEST(Asv, VersionOneKeepsValuesOrObjects) {
  const json document{{"commit_hash", "c"},
                      {"env_name", "e"},
                      {"params", {{"machine", "m"}}},
                      {"results",
                       {{"time_a", 0.5},
                        {"time_b", {{"result", {0.25, "x"}}, {"params", json::array({json::array({"1", "2"})})}}},
                        {"time_c", {{"result", {0.5}}, {"stats", {{{"q_25", 0.4}, {"q_75", 0.6}, {"repeat", 7}}}}}}}}};
  const Side side = runs_of(document.dump()).at(0);
  EXPECT_EQ(side.started_utc, "2026-03-04T18:00:00Z") << "no date of its own: the folder's";
  EXPECT_DOUBLE_EQ(case_called(side, "time_a").runs.at(0).median_s, 0.5);
  EXPECT_DOUBLE_EQ(case_called(side, "time_b(1)").runs.at(0).median_s, 0.25);
  EXPECT_EQ(case_called(side, "time_b(2)").status, CaseStatus::invalid);
  EXPECT_EQ(case_called(side, "time_c").runs.at(0).samples, 7U);
}

TEST(PytestBenchmark, RoundsOrQuartilesAreARun) {
  const json document{
      {"machine_info",
       {{"node", "n"},
        {"machine", "x86_64"},
        {"python_version", "3.12"},
        {"cpu", {{"brand_raw", "EPYC"}, {"count", 4}}}}},
      {"commit_info", {{"id", "abc"}, {"dirty", true}}},
      {"datetime", "2026-01-02T03:04:05.678901+00:00"},
      {"benchmarks",
       {{{"fullname", "t.py::a"}, {"stats", {{"q1", 1e-3}, {"median", 2e-3}, {"q3", 3e-3}, {"rounds", 50}}}},
        {{"fullname", "t.py::b"}, {"stats", {{"data", {1e-3, 3e-3, 2e-3, 2e-3, 2e-3}}}}},
        {{"fullname", "t.py::c"}, {"stats", {{"q1", 3e-3}, {"median", 2e-3}, {"q3", 3e-3}}}},
        5}}};
  const Side side = runs_of(document.dump()).at(0);
  EXPECT_EQ(side.source, "pytest-benchmark");
  EXPECT_EQ(side.started_utc, "2026-01-02T03:04:05Z");
  EXPECT_EQ(side.fingerprint.at("identity").at("cpu_model"), "EPYC");
  EXPECT_EQ(side.build.at("dirty"), true);
  EXPECT_DOUBLE_EQ(case_called(side, "t.py::a").runs.at(0).q1_s, 1e-3);
  EXPECT_EQ(case_called(side, "t.py::a").runs.at(0).samples, 50U);
  EXPECT_DOUBLE_EQ(case_called(side, "t.py::b").runs.at(0).median_s, 2e-3);
  EXPECT_THAT(case_called(side, "t.py::c").reason, HasSubstr("out of order"));
  EXPECT_EQ(case_called(side, "benchmark 4").status, CaseStatus::invalid);
}

TEST(Hyperfine, EachCommandIsACase) {
  const json document{{"results",
                       {{{"command", "sort"}, {"times", {0.1, 0.2, 0.3, 0.2, 0.2}}},
                        {{"command", "sort"}, {"parameters", {{"n", "8"}}}, {"mean", 0.5}},
                        {{"command", "broken"}, {"times", {-1}}},
                        5}}};
  const Side side = runs_of(document.dump()).at(0);
  EXPECT_DOUBLE_EQ(case_called(side, "sort").runs.at(0).median_s, 0.2);
  EXPECT_EQ(case_called(side, "sort n=8").runs.at(0).samples, 1U);
  EXPECT_EQ(case_called(side, "broken").status, CaseStatus::invalid);
  EXPECT_EQ(case_called(side, "command 4").status, CaseStatus::invalid);
}

class Criterion : public ::testing::Test {
 protected:
  TemporaryFolder temporary_;
  fs::path write(const fs::path& name, const json& document) const {
    const fs::path path = temporary_.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << document.dump();
    return path;
  }
  static json estimates(double median_ns) {
    const json point{{"point_estimate", median_ns}};
    return {{"mean", point},
            {"median", point},
            {"median_abs_dev", point},
            {"slope", nullptr},
            {"std_dev", {{"point_estimate", 5}}}};
  }
};

TEST_F(Criterion, SamplesAndNameLieBesideTheEstimates) {
  const fs::path path = write("criterion/g/f/new/estimates.json", estimates(100));
  Side side = runs_of(estimates(100).dump(), path).at(0);
  EXPECT_EQ(side.cases.at(0).name, "g/f") << "by its folders";
  EXPECT_DOUBLE_EQ(side.cases.at(0).runs.at(0).median_s, 100e-9);
  EXPECT_EQ(side.cases.at(0).runs.at(0).samples, 1U);
  write("criterion/g/f/new/benchmark.json", {{"full_id", "g/f/8"}});
  write("criterion/g/f/new/sample.json", {{"iters", {1, 2, 3, 4, 5}}, {"times", {90, 180, 300, 400, 500}}});
  side = runs_of(estimates(100).dump(), path).at(0);
  EXPECT_EQ(side.cases.at(0).name, "g/f/8");
  EXPECT_EQ(side.cases.at(0).runs.at(0).samples, 5U);
  EXPECT_DOUBLE_EQ(side.cases.at(0).runs.at(0).q1_s, 90e-9);
  const fs::path change = write("criterion/g/f/change/estimates.json", estimates(0.1));
  EXPECT_THROW(runs_of(estimates(0.1).dump(), change), ResultError) << "shares are no times";
}

TEST(ForeignTime, IsReadOfWhatToolsWrite) {
  EXPECT_EQ(utc_of_foreign("2026-01-02T03:04:05+09:00"), "2026-01-01T18:04:05Z");
  EXPECT_EQ(utc_of_foreign("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05Z");
  EXPECT_EQ(utc_of_foreign("2026-01-02 03:04:05.5"), "2026-01-02T03:04:05Z");
  EXPECT_EQ(utc_of_foreign(1700000000000), "2023-11-14T22:13:20Z");
  for (const json& none : {json("yesterday"), json(), json(-5), json(1e300)})
    EXPECT_EQ(utc_of_foreign(none), "") << none;
  EXPECT_EQ(utc_of_file("a/nightly-20260304.json"), "2026-03-04T18:00:00Z");
  EXPECT_EQ(utc_of_file("none/file99999999.json"), "") << "no date, and no file";
}

}  // namespace
}  // namespace kernelgate

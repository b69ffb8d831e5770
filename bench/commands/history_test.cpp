// history through the program: what is on stdout, what is on stderr, exit codes, the page.

#include <cmath>
#include <random>

#include "bench/commands/program_for_test.h"
#include "harness/base/paths_for_test.h"
#include "harness/result/result.h"
#include "harness/result/result_for_test.h"

namespace kernelgate {
namespace {

using for_test::made_case;
using for_test::made_result;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class History : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    std::filesystem::create_directories(folder_ / "results/deep");
  }

  /// Nights of two cases; from `step` on the first is 5 % slower.
  void write_nights(int nights, int step) {
    std::mt19937_64 random(1);
    std::normal_distribution<double> normal(0, 0.002);
    for (int night = 0; night < nights; ++night) {
      const auto runs = [&](double level) {
        std::vector<std::vector<double>> process_runs(3);
        for (auto& samples : process_runs) samples.assign(5, level * std::exp(normal(random)));
        return process_runs;
      };
      Result result =
          made_result({made_case("onednn", runs(night < step ? 1e-3 : 1.05e-3)), made_case("other", runs(1e-4))});
      result.started_utc = fmt::format("2026-{:02}-{:02}T22:00:00Z", 1 + night / 28, 1 + night % 28);
      result.build["commit"] = fmt::format("commit{:02}", night);
      write(fmt::format("results/{}{:03}.json", night % 2 == 0 ? "" : "deep/", night), result_text(result));
    }
  }
};

TEST_F(History, CompareLearnsTheNoiseOfEarlierNights) {
  write_nights(30, 30);
  const auto write_new = [&](const char* name, double factor) {
    const auto runs = [](double level) {
      return std::vector<std::vector<double>>{std::vector<double>(5, level), std::vector<double>(5, 1.001 * level),
                                              std::vector<double>(5, 0.999 * level)};
    };
    Result result = made_result({made_case("onednn", runs(factor * 1e-3)), made_case("other", runs(1e-4))});
    result.started_utc = "2026-03-01T22:00:00Z";
    write_result(result, folder_ / name);
  };
  write_new("same.json", 1);
  write_new("slow.json", 1.05);
  EXPECT_EQ(run("compare --history results same.json"), 0) << err_;
  EXPECT_EQ(run("compare --history results slow.json"), 3) << err_;
  EXPECT_THAT(out_, HasSubstr("base: 90 runs of 30 nights until 2026-02-02, 2 cases"));
  const std::string learned = out_;
  EXPECT_EQ(run("compare results slow.json"), 3) << "a folder as the base is a history";
  EXPECT_EQ(out_, learned);
  ASSERT_EQ(run("history import year.sqlite results"), 0);
  EXPECT_EQ(run("compare year.sqlite slow.json"), 3);
  EXPECT_EQ(out_, learned);
  EXPECT_EQ(run("compare --history results slow.json slow.json"), 0) << "the level is BASE's";

  std::ofstream(folder_ / "results/cut.json") << "{";
  EXPECT_EQ(run("compare results slow.json"), 3);
  EXPECT_THAT(err_, HasSubstr("kernelgate: left out: 'results/cut.json'"));
  EXPECT_EQ(run("compare slow.json"), 1);
  EXPECT_THAT(err_, HasSubstr("NEW is required"));
  EXPECT_EQ(run("compare --fleet --history results results slow.json"), 1);
  EXPECT_THAT(err_, HasSubstr("choose one"));
}

TEST_F(History, ReadsAndAcceptsOtherToolsFiles) {
  json entries = json::array();
  for (int night = 0; night < 40; ++night)
    entries.push_back(
        {{"commit", {{"id", fmt::format("commit{:02}", night)}}},
         {"date", 1700000000000 + 86400000LL * night},
         {"tool", "cargo"},
         {"benches", {{{"name", "sort"}, {"value", (night < 25 ? 100 : 150) + night % 3}, {"unit", "ns/iter"}}}}});
  std::filesystem::create_directories(folder_ / "bench");
  std::ofstream(folder_ / "bench/data.js")
      << "window.BENCHMARK_DATA = "
      << json{{"lastUpdate", 1}, {"repoUrl", "u"}, {"entries", {{"Rust", entries}}}}.dump();
  EXPECT_EQ(run("history bench"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("1 series: 1 SLOWER"));
  EXPECT_THAT(out_, HasSubstr("commit commit24 -> commit25"));
  EXPECT_EQ(run("baseline accept bench/data.js --reason first --baselines stored"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("stored/cpu_unknown/github_action_benchmark.json"));
  EXPECT_EQ(run("compare stored/cpu_unknown/github_action_benchmark.json bench/data.js"), 0) << err_;
}

TEST_F(History, SaysWhereAStepIsFromAFolderAndFromAStore) {
  write_nights(40, 25);
  ASSERT_EQ(run("history results"), 0) << err_;
  EXPECT_EQ(err_, "");
  EXPECT_THAT(out_, HasSubstr("1 step"));
  EXPECT_THAT(out_, HasSubstr("2026-01-26"));
  EXPECT_THAT(out_, HasSubstr("commit commit24 -> commit25"));
  EXPECT_THAT(out_, HasSubstr("SLOWER"));
  EXPECT_THAT(out_, HasSubstr("No drift"));
  const std::string from_folder = out_;
  ASSERT_EQ(run("history import year.sqlite results"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("40 stored, 0 there already"));
  ASSERT_EQ(run("history import year.sqlite results"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("0 stored, 40 there already"));
  ASSERT_EQ(run("history year.sqlite"), 0) << err_;
  EXPECT_EQ(out_, from_folder);
  ASSERT_EQ(run("history year.sqlite --all"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("▁"));
  ASSERT_EQ(run("history year.sqlite --case /other/"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("No step."));
}

TEST_F(History, FailsOnWhatItIsToldTo) {
  write_nights(40, 25);
  EXPECT_EQ(run("history results --fail-on step"), 3) << err_;
  EXPECT_EQ(run("history --fail-on drift results"), 0) << err_;
  EXPECT_EQ(run("history --fail-on step --case /other/ results"), 0) << err_;
  EXPECT_EQ(run("history --fail-on step --threshold 10% results"), 0) << err_;
  EXPECT_EQ(run("history --fail-on noise results"), 1);
}

TEST_F(History, ABadFileIsSaidAndTheRestGoesOn) {
  write_nights(10, 100);
  write("results/cut.json", read("results/000.json").substr(0, 1000));
  write("results/package.json", "{\"name\": \"another program's\"}");
  EXPECT_EQ(run("history results"), 0);
  EXPECT_EQ(errors_said(), 1) << err_;
  EXPECT_THAT(err_, HasSubstr("cut.json"));
  EXPECT_THAT(out_, HasSubstr("10 documents"));
  EXPECT_THAT(out_, HasSubstr("1 files that are no results; 1 unusable files"));
  EXPECT_EQ(run("history --strict results"), 6);
  EXPECT_EQ(run("history import year.sqlite results"), 1);
  EXPECT_THAT(out_, HasSubstr("10 stored"));
  EXPECT_THAT(err_, HasSubstr("cut.json"));
}

TEST_F(History, SaysInOneLineWhatItCantDo) {
  std::filesystem::remove_all(folder_ / "results");
  std::filesystem::create_directories(folder_ / "empty");
  write("plain.txt", "no store, and no result");
  for (const auto& [arguments, text] : {std::pair{"history", "name a folder"},
                                        {"history none", "name a folder of results"},
                                        {"history empty", "no result in 'empty'"},
                                        {"history empty --threshold x", "write 0.5%"},
                                        {"history empty --alpha 0", "--alpha"},
                                        {"history import plain.txt empty", "is no store"}})
    expect_refusal(1, arguments, text);
}

TEST_F(History, ADeclaredDriverIsJoinedAcross) {
  write_nights(10, 100);
  for (int night = 5; night < 10; ++night) {
    const std::string name = fmt::format("results/{}{:03}.json", night % 2 == 0 ? "" : "deep/", night);
    json document = read_json_file(name);
    document["kernelgate"]["fingerprint"]["identity"]["cpu_model"] = "another";
    write(name, document.dump());
  }
  ASSERT_EQ(run("history results"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("cpu_model: test -> another: a new segment"));
  ASSERT_EQ(run("history --vary cpu_model results"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("declared, joined across"));
  EXPECT_EQ(run("history --vary drvier results"), 1);
  EXPECT_THAT(err_, HasSubstr("no such field"));
}

TEST_F(History, JsonFitsTheSchemaAndIsAloneOnStdout) {
  write_nights(40, 25);
  ASSERT_EQ(run("history --json results"), 0) << err_;
  const json document = json::parse(out_);
  EXPECT_EQ(document["documents"], 40);
  ASSERT_EQ(document["series"].size(), 2U);
  EXPECT_EQ(document["series"][0]["segments"][0]["steps"][0]["night"], "2026-01-26");
  EXPECT_EQ(document["series"][0]["segments"][0]["steps"][0]["direction"], "slower");
  constexpr const char* python = "/usr/bin/python3";
  if (std::system(fmt::format("{} -c 'import jsonschema' 2>/dev/null", python).c_str()) != 0)
    GTEST_SKIP() << "python3-jsonschema is not installed";
  write("history.json", out_);
  EXPECT_EQ(std::system(fmt::format("{} -W ignore -m jsonschema -i '{}' '{}/docs/history.schema.json'", python,
                                    (folder_ / "history.json").string(), source_folder().string())
                            .c_str()),
            0);
}

TEST_F(History, ThePageHoldsAllThatItNeeds) {
  write_nights(40, 25);
  ASSERT_EQ(run("history --html year.html results"), 0) << err_;
  const std::string page = read("year.html");
  EXPECT_THAT(page, HasSubstr("step, slower"));
  // Nothing is loaded from elsewhere.
  EXPECT_THAT(page, Not(HasSubstr("<script src")));
  EXPECT_THAT(page, Not(HasSubstr("stylesheet")));
  EXPECT_THAT(page, Not(HasSubstr("@DATA@")));
  const std::string mark = "<script type=\"application/json\" id=\"data\">";
  const std::size_t first = page.find(mark) + mark.size();
  const json data = json::parse(page.substr(first, page.find("</script>", first) - first));
  ASSERT_EQ(data["series"].size(), 2U);
  const auto column = [&](const char* name) {
    return static_cast<std::size_t>(std::ranges::find(data["columns"], name) - data["columns"].begin());
  };
  const json& one = data["series"][0];
  EXPECT_EQ(one[column("nights")].size(), 40U);
  EXPECT_EQ(one[column("levels")].size(), 2U);
  EXPECT_EQ(one[column("word")], "SLOWER");
  EXPECT_EQ(data["events"][0][0], "2026-01-26");
}

TEST_F(History, ThePageIsReadBackInChromium) {
  write_nights(40, 25);
  ASSERT_EQ(run("history --json --html year.html results"), 0) << err_;
  write("history.json", out_);
  read_back("read_history.py", "year.html history.json");
}

TEST_F(History, ThousandsOfDevicesAreOnePage) {
  for (int i = 0; i < 2000; ++i) {
    Result result = made_result({made_case("onednn", {{1e-3, 1e-3, 1e-3, 1e-3, 1e-3}})});
    result.device = fmt::format("device \u202e<b>{}|`\"", i);
    write(fmt::format("results/{}.json", i), result_text(result));  // not onto the disk, each by itself
  }
  ASSERT_EQ(run("history --json --html fleet.html results"), 0) << err_;
  write("history.json", out_);
  read_back("read_history.py", "fleet.html history.json --bytes 10e6");
}

}  // namespace
}  // namespace kernelgate

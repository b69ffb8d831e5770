// Other tools' files as a history, and what is learned of them.

#include "harness/history/learn/learn_suite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <random>

#include <fmt/format.h>

#include "harness/base/temporary_folder.h"
#include "harness/history/store/foreign_documents.h"

namespace kernelgate::history {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class LearnSuite : public ::testing::Test {
 protected:
  TemporaryFolder temporary_;
  fs::path folder_ = temporary_.path();
  std::mt19937_64 random_{11};
  std::normal_distribution<double> normal_;

  /// A file of Google Benchmark of one night, and of two cases of which one is slower from night 40 on.
  json document(int night, int cpus = 4, double factor = 1) {
    json entries = json::array();
    for (const char* name : {"a", "b"})
      for (int i = 0; i < 5; ++i)
        entries.push_back(
            {{"name", name},
             {"run_name", name},
             {"run_type", "iteration"},
             {"repetition_index", i},
             {"repetitions", 5},
             {"iterations", 100},
             {"real_time", factor * (name[0] == 'a' && night >= 40 ? 150 : 100) * std::exp(0.01 * normal_(random_))},
             {"cpu_time", 1},
             {"time_unit", "ns"}});
    return {{"context",
             {{"num_cpus", cpus},
              {"host_name", "ci"},
              {"date", fmt::format("2026-{:02}-{:02}T20:00:00+00:00", 1 + night / 28, 1 + night % 28)}}},
            {"benchmarks", entries}};
  }
  fs::path write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  void write_nights(int nights) {
    for (int t = 0; t < nights; ++t) write(fmt::format("nights/{:03}.json", t), document(t).dump());
  }
  static Side side_at(const fs::path& path) {
    std::ifstream in(path);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const json whole = foreign_json(text, path.string());
    return read_foreign(*foreign_format(whole), whole, path, "");
  }
};

TEST_F(LearnSuite, TheNightsSinceTheLastStepAreTheLevel) {
  write_nights(60);
  const Side fresh = side_at(write("new.json", document(60).dump()));
  const Learned learned = learn_suite({folder_ / "nights"}, fresh, {});
  EXPECT_EQ(learned.found.documents, 60U);
  const LearnedCase &a = learned.suite.cases.at("a"), &b = learned.suite.cases.at("b");
  EXPECT_EQ(a.level.size(), 20U);
  EXPECT_NEAR(std::exp(a.level.front()) * 1e9, 150, 10);
  EXPECT_EQ(b.level.size(), level_nights);
  EXPECT_EQ(a.residuals.size(), 60U);
  for (double r : a.residuals) EXPECT_LT(std::fabs(r), 0.05) << "the step is taken out";
}

TEST_F(LearnSuite, WhatIsJudgedAndWhatIsLaterTeachNothing) {
  write_nights(30);
  const Side fresh = side_at(folder_ / "nights/020.json");
  EXPECT_EQ(learn_suite({folder_ / "nights"}, fresh, {}).suite.cases.at("b").residuals.size(), 20U);
}

TEST_F(LearnSuite, AnotherEnvironmentIsRefusedUnlessDeclared) {
  write_nights(20);
  const Side fresh = side_at(write("new.json", document(25, 16).dump()));
  try {
    learn_suite({folder_ / "nights"}, fresh, {});
    ADD_FAILURE();
  } catch (const HarnessError& error) {
    EXPECT_EQ(error.code, ExitCode::refused);
    EXPECT_THAT(error.what(), HasSubstr("--vary num_cpus"));
  }
  const LearnedSuite declared = learn_suite({folder_ / "nights"}, fresh, {"num_cpus"}).suite;
  EXPECT_EQ(declared.cases.size(), 2U);
  EXPECT_THAT(declared.declared, ::testing::ElementsAre(HasSubstr("num_cpus")));
}

TEST_F(LearnSuite, AThousandFilesWithTenBrokenAreJudged) {
  for (int t = 0; t < 300; ++t) write(fmt::format("nights/{:03}.json", t), document(t).dump());
  for (int t = 0; t < 10; ++t) write(fmt::format("nights/bad{}.json", t), document(t).dump().substr(0, 300));
  const Side fresh = side_at(write("new.json", document(330).dump()));
  const Learned learned = learn_suite({folder_ / "nights"}, fresh, {});
  EXPECT_EQ(learned.found.documents, 300U);
  EXPECT_EQ(learned.found.unusable.size(), 10U);
  for (const std::string& text : learned.found.unusable) EXPECT_THAT(text, HasSubstr("bad"));
}

TEST_F(LearnSuite, AFileThatGrowsAddsWhatIsNew) {
  const auto data = [](int entries) {
    json all = json::array();
    for (int t = 0; t < entries; ++t)
      all.push_back({{"commit", {{"id", fmt::format("c{}", t)}}},
                     {"date", 1700000000000 + 86400000LL * t},
                     {"tool", "cargo"},
                     {"benches", {{{"name", "a"}, {"value", 100 + t}, {"unit", "ns/iter"}}}}});
    return "window.BENCHMARK_DATA = " + json{{"lastUpdate", 1}, {"repoUrl", "u"}, {"entries", {{"s", all}}}}.dump();
  };
  write("bench/data.js", data(5));
  Store store = Store::open_to_write(folder_ / "store.sqlite");
  EXPECT_EQ(import_documents({folder_ / "bench"}, store, "2026-01-01T00:00:00Z").documents, 5U);
  write("bench/data.js", data(7));
  const Found found = import_documents({folder_ / "bench"}, store, "2026-01-01T00:00:00Z");
  EXPECT_EQ(found.documents, 2U);
  EXPECT_EQ(found.duplicates, 5U);
}

}  // namespace
}  // namespace kernelgate::history

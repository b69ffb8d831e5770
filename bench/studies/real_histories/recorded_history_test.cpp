#include "bench/studies/real_histories/recorded_history.h"

#include <gtest/gtest.h>

#include <fstream>

#include "bench/studies/real_histories/compare_table.h"
#include "bench/studies/real_histories/history_table.h"
#include "harness/base/temporary_folder.h"

namespace kernelgate::real_histories {
namespace {

using nlohmann::json;

/// One source of two cases in `nights` runs, of which `a` takes 1.5 times as long from half of them on. Each commit is
/// measured twice.
json recorded(int nights) {
  json runs = json::array();
  for (int t = 0; t < nights; ++t) {
    const double wobble = t % 3 == 0 ? 1.01 : t % 3 == 1 ? 0.99 : 1;
    runs.push_back({{"unix_s", 1700000000 + 86400 * t},
                    {"commit", std::string("c") + std::to_string(t / 2)},
                    {"seconds", {{"a", {(t >= nights / 2 ? 1.5 : 1) * wobble}}, {"b", {2 * wobble}}}}});
  }
  return {{"here", {{"class", "cpu"}, {"runs", runs}}}};
}

class RecordedHistories : public ::testing::Test {
 protected:
  TemporaryFolder temporary_;
  std::vector<Source> read(const std::string& text) const {
    const std::filesystem::path file = temporary_.path() / "series.json";
    std::ofstream(file) << text;
    return read_sources(file);
  }
};

TEST_F(RecordedHistories, AreReadAsSeriesAndSides) {
  const std::vector<Source> sources = read(recorded(60).dump());
  ASSERT_EQ(sources.size(), 1U);
  const auto series = series_of(sources[0]);
  ASSERT_EQ(series.size(), 2U);
  EXPECT_EQ(series[0].segments.at(0).nights.size(), 60U);
  EXPECT_EQ(series_of(sources[0], 10)[0].segments.at(0).nights.size(), 10U);
  EXPECT_EQ(side_of(sources[0], 3, 6).cases.at(1).runs.size(), 3U);
  EXPECT_THROW(read("[]"), std::runtime_error);
  EXPECT_THROW(read(R"({"here": {"class": "cpu"}})"), std::runtime_error);
}

TEST_F(RecordedHistories, TheStepIsFoundAndNothingIsCalledBesideIt) {
  const Source source = read(recorded(60).dump()).at(0);
  const HistoryCounts counts = count_history(source, 1);
  EXPECT_EQ(counts.series, 2);
  EXPECT_EQ(counts.steps, 1);
  EXPECT_EQ(counts.obvious, 1);
  EXPECT_EQ(counts.found, 1);
  EXPECT_EQ(counts.without_support, 0);
  EXPECT_EQ(counts.alone_otherwise, 0);
  const std::vector<Rule> rules{files_alone({}), learned_history({}, std::make_shared<LearnedSuites>())};
  const CompareCounts steps = count_comparisons(source, Pairs::at_steps, 3, 60, rules).at(1);
  EXPECT_EQ(steps.rule, "**kernelgate, learned history**");
  EXPECT_EQ(steps.twenty, 1);
  EXPECT_EQ(steps.twenty_found, 1);
  const auto twice = count_comparisons(source, Pairs::same_commit, 1, 60, rules);
  EXPECT_GT(twice.at(0).pairs, 15);
  EXPECT_EQ(twice.at(0).pairs_red, 0);
  EXPECT_EQ(twice.at(1).pairs_red, 0);
}

}  // namespace
}  // namespace kernelgate::real_histories

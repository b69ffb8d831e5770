#include "harness/history/analysis/analyse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/utc_time.h"
#include "harness/history/analysis/noise_for_test.h"

namespace kernelgate::history {
namespace {

using ::testing::ElementsAre;

std::shared_ptr<const Environment> environment_with(const std::string& driver) {
  return std::make_shared<const Environment>(
      Environment{"nvidia_test", "cuda", {{"identity", {{"driver", driver}, {"gpu", "test"}}}}});
}

const std::shared_ptr<const Environment> old_driver = environment_with("580.1"), new_driver = environment_with("590.2");

/// A night of one case; day 0 is 2026-01-01.
Document document_of(int day, std::vector<double> medians_s,
                     std::shared_ptr<const Environment> environment = old_driver) {
  Document document;
  document.started_utc = fmt::format("2026-{:02}-{:02}T22:00:00Z", 1 + day / 28, 1 + day % 28);
  document.commit = fmt::format("c{}", day);
  document.environment = std::move(environment);
  CaseInDocument one{"matmul/a", CaseStatus::measured, false, "hash", {}};
  for (double median : medians_s) {
    RunSummary run{median, median, median, 10};
    run.night = night_of(document.started_utc);
    one.runs.push_back(run);
  }
  document.cases.push_back(one);
  return document;
}

std::vector<Series> series_of(const std::vector<Document>& documents, const std::vector<std::string>& vary = {}) {
  SeriesBuilder builder;
  for (const Document& document : documents) builder.add(document);
  return builder.series(vary);
}

TEST(HistorySeries, ANightIsTheMedianOfItsRunsAcrossDocuments) {
  const std::vector<Series> all = series_of({document_of(1, {4, 5}), document_of(0, {1, 3, 2}), document_of(1, {9})});
  ASSERT_EQ(all.size(), 1U);
  ASSERT_EQ(all[0].segments.size(), 1U);
  const std::vector<Night>& nights = all[0].segments[0].nights;
  ASSERT_EQ(nights.size(), 2U);
  EXPECT_EQ(nights[0].night, "2026-01-01");
  EXPECT_EQ(nights[0].median_s(), 2);
  EXPECT_EQ(nights[1].median_s(), 5) << "of 4, 5 and 9";
}

TEST(HistorySeries, AnotherEnvironmentIsAnotherSegment) {
  const std::vector<Document> documents{document_of(0, {1}), document_of(1, {1}, new_driver), document_of(2, {1})};
  const std::vector<Series> cut = series_of(documents);
  ASSERT_EQ(cut[0].segments.size(), 3U) << "and back is another one again";
  EXPECT_THAT(cut[0].segments[1].changes, ElementsAre("driver: 580.1 -> 590.2"));
  const std::vector<Series> joined = series_of(documents, {"driver"});
  ASSERT_EQ(joined[0].segments.size(), 1U);
  ASSERT_EQ(joined[0].joined.size(), 2U);
  EXPECT_EQ(joined[0].joined[0].night, "2026-01-02");
  EXPECT_EQ(series_of(documents, {"gpu"})[0].segments.size(), 3U) << "another field was declared";
  EXPECT_THROW(series_of(documents, {"drvier"}), HarnessError);
}

TEST(HistorySeries, TwoDriversInOneNightAreTwoPoints) {
  const auto all = series_of({document_of(0, {1}), document_of(0, {2}, new_driver)}, {"driver"});
  EXPECT_EQ(all[0].segments[0].nights.size(), 2U);
}

TEST(HistorySeries, WhatIsNoMeasurementIsCountedAndLeftOut) {
  SeriesBuilder builder;
  Document cut = document_of(0, {1}), slowed = document_of(1, {1}), undated = document_of(2, {1}),
           many = document_of(3, {1});
  cut.complete = false;
  slowed.injected = true;
  undated.started_utc = "yesterday";
  for (CaseStatus status : {CaseStatus::wrong, CaseStatus::invalid, CaseStatus::error, CaseStatus::skipped}) {
    many.cases.push_back(many.cases[0]);
    many.cases.back().status = status;
  }
  many.cases.push_back(many.cases[0]);
  many.cases.back().injected = true;
  for (const Document& document : {cut, slowed, undated, many}) builder.add(document);
  EXPECT_EQ(builder.left_out().interrupted, 1U);
  EXPECT_EQ(builder.left_out().injected, 2U);
  EXPECT_EQ(builder.left_out().undated, 1U);
  EXPECT_EQ(builder.left_out().wrong, 1U);
  EXPECT_EQ(builder.left_out().invalid, 2U);
  EXPECT_EQ(builder.left_out().skipped, 1U);
  const auto all = builder.series({});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].segments[0].nights.size(), 1U);
  EXPECT_EQ(all[0].segments[0].nights[0].run_medians_s.size(), 1U);
}

/// A year's beginning: quiet nights, with three runs each.
std::vector<Document> nights_of(const std::vector<double>& levels, double run_sd = 0.001) {
  for_test::NoiseMaker noise(1);
  std::vector<Document> documents;
  for (std::size_t t = 0; t < levels.size(); ++t) {
    std::vector<double> runs = noise.nights(for_test::NoiseKind::gauss, 3, run_sd);
    for (double& run : runs) run = 1e-3 * std::exp(levels[t] + run);
    documents.push_back(document_of(static_cast<int>(t), runs));
  }
  return documents;
}

std::vector<double> step_at(std::size_t nights, std::size_t at, double change) {
  std::vector<double> levels(nights, 0.0);
  for (std::size_t t = at; t < nights; ++t) levels[t] = change;
  return levels;
}

LocatedStep only_step(const std::vector<Document>& documents) {
  const auto analyses = analyse(series_of(documents), {});
  EXPECT_EQ(analyses.at(0).segments.at(0).steps.size(), 1U);
  return analyses[0].segments[0].steps.empty() ? LocatedStep{} : analyses[0].segments[0].steps[0];
}

TEST(HistoryAnalysis, AStepIsLocatedAndAttributed) {
  std::vector<Document> documents = nights_of(step_at(60, 40, 0.03));
  const LocatedStep same_code = only_step(documents);
  EXPECT_EQ(same_code.at, 40U);
  EXPECT_NEAR(same_code.ratio, 1.0305, 0.001);
  EXPECT_NEAR(same_code.before_s, 1e-3, 1e-6);
  EXPECT_NEAR(same_code.after_s, 1.0305e-3, 1e-6);
  EXPECT_EQ(same_code.attribution, "environment");
  EXPECT_FALSE(same_code.cycles_ratio);

  for (std::size_t t = 40; t < documents.size(); ++t) documents[t].cases[0].code_hash = "other";
  EXPECT_EQ(only_step(documents).attribution, "code");

  for (std::size_t t = 0; t < documents.size(); ++t)
    for (RunSummary& run : documents[t].cases[0].runs) run.clock_hz = t < 40 ? 2e9 : 2e9 / 1.0305;
  const LocatedStep clock = only_step(documents);
  EXPECT_EQ(clock.attribution, "clock");
  ASSERT_TRUE(clock.cycles_ratio);
  EXPECT_NEAR(*clock.cycles_ratio, 1, 0.001);

  for (Document& document : documents) document.cases[0].code_hash.clear();
  for (Document& document : documents)
    for (RunSummary& run : document.cases[0].runs) run.clock_hz.reset();
  EXPECT_EQ(only_step(documents).attribution, "");
  for (Document& document : documents) document.commit = "one";
  EXPECT_EQ(only_step(documents).attribution, "environment");
  for (Document& document : documents) document.commit.clear();
  EXPECT_EQ(only_step(documents).attribution, "") << "commits that nobody knows are not the same";
}

TEST(HistoryAnalysis, TheDirectionOfAStepIsThatOfTime) {
  EXPECT_LT(only_step(nights_of(step_at(60, 40, -0.03))).ratio, 0.98);
}

TEST(HistoryAnalysis, LastIsComparedWithAnchorAndBest) {
  std::vector<double> levels = step_at(90, 30, -0.05);
  for (std::size_t t = 60; t < 90; ++t) levels[t] = 0.02;
  const SeriesAnalysis found = analyse(series_of(nights_of(levels)), {})[0];
  EXPECT_NEAR(found.last_over_anchor, std::exp(0.02), 0.002);
  EXPECT_NEAR(found.last_over_best, std::exp(0.07), 0.002);
}

TEST(HistoryAnalysis, NightsThatScatterMoreThanRunsAreSaid) {
  const std::vector<double> calm(60, 0.0), restless = for_test::NoiseMaker(2).nights(for_test::NoiseKind::gauss, 60);
  const SegmentAnalysis quiet = analyse(series_of(nights_of(calm)), {})[0].segments[0];
  EXPECT_FALSE(quiet.nights_scatter);
  EXPECT_NEAR(quiet.run_sd, 0.001, 0.0002);
  const SegmentAnalysis loud = analyse(series_of(nights_of(restless)), {})[0].segments[0];
  EXPECT_TRUE(loud.nights_scatter);
  EXPECT_NEAR(loud.night_sd, 0.01, 0.004);
}

TEST(HistorySeries, CommitsOfOneNightAreApart) {
  std::vector<Document> documents{document_of(0, {1}), document_of(0, {2}), document_of(0, {4})};
  documents[0].started_utc = "2026-01-01T20:00:00Z";
  documents[1].started_utc = "2026-01-01T21:00:00Z";
  documents[1].commit = "other";
  const std::vector<Night> nights = series_of(documents)[0].segments[0].nights;
  ASSERT_EQ(nights.size(), 2U);
  EXPECT_THAT(nights[0].run_medians_s, ElementsAre(1, 4)) << "what was measured of one commit is one point";
  EXPECT_EQ(nights[1].commit, "other");
}

TEST(HistoryAnalysis, ACaseIsFoundTheSameAloneAndAmongOthers) {
  for_test::NoiseMaker noise(3);
  std::vector<Series> all;
  for (int k = 0; k < 40; ++k) {
    std::vector<double> y = noise.nights(for_test::NoiseKind::gauss, 80);
    if (k % 2 == 0)
      for (std::size_t t = 50; t < y.size(); ++t) y[t] += 0.002 * (k + 4);  // some steps clear, some hardly any
    all.push_back(series_of(nights_of(y, 0.0001)).at(0));
    all.back().name = fmt::format("case{}", k);
  }
  const std::vector<SeriesAnalysis> together = analyse(all, {});
  std::size_t found = 0;
  for (std::size_t k = 0; k < all.size(); ++k) {
    const SegmentAnalysis alone = analyse({all[k]}, {})[0].segments[0], &here = together[k].segments[0];
    EXPECT_TRUE(std::ranges::equal(alone.steps, here.steps, {}, &LocatedStep::at, &LocatedStep::at)) << k;
    EXPECT_EQ(alone.phi, here.phi);
    found += here.steps.size();
  }
  EXPECT_GT(found, 5U);
  EXPECT_LT(found, 20U) << "so that it would matter";
}

TEST(HistoryAnalysis, WhatIsPrintedBesideADriftWasMeasured) {
  std::vector<double> levels = step_at(150, 80, -0.08);
  for (std::size_t t = 0; t < levels.size(); ++t) levels[t] += 0.0005 * static_cast<double>(t);
  const std::vector<Series> all = series_of(nights_of(levels, 0.002));
  const SegmentAnalysis found = analyse(all, {})[0].segments[0];
  const std::vector<Night>& nights = all[0].segments[0].nights;
  ASSERT_TRUE(found.drift);
  ASSERT_EQ(found.steps.size(), 1U);
  EXPECT_NEAR(found.steps[0].before_s, nights[79].median_s(), 0.005e-3);
  EXPECT_NEAR(found.steps[0].after_s, nights[80].median_s(), 0.005e-3);
  EXPECT_NEAR(found.anchor_s, nights[7].median_s(), 0.005e-3);
  EXPECT_NEAR(found.last_s, nights[142].median_s(), 0.005e-3);
}

TEST(HistoryAnalysis, NothingIsAnalysedAsNothing) { EXPECT_TRUE(analyse({}, {}).empty()); }

}  // namespace
}  // namespace kernelgate::history

#include "harness/history/report/events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include <fmt/format.h>

#include "harness/history/analysis/noise_for_test.h"

namespace kernelgate::history {
namespace {

using for_test::NoiseKind;
using for_test::NoiseMaker;
using ::testing::HasSubstr;

Series series_of(const std::vector<double>& y, const std::string& name) {
  static const auto environment =
      std::make_shared<const Environment>(Environment{"cpu_test", "cpu", {{"identity", {{"driver", "580"}}}}});
  Series series{"cpu_test", "cpu", name, {{}}, {}};
  for (std::size_t t = 0; t < y.size(); ++t) {
    const std::string night = fmt::format("2026-{:02}-{:02}", 1 + t / 28, 1 + t % 28);
    series.segments[0].nights.push_back(
        {night, night + "T22:00:00Z", {std::exp(y[t])}, std::nullopt, fmt::format("c{}", t), "", false, environment});
  }
  return series;
}

/// Cases of which the first `stepping` step in night 40, every other one to faster, and one steps in night 60.
History suite(std::size_t cases, std::size_t stepping) {
  NoiseMaker noise(7);
  History history;
  for (std::size_t k = 0; k < cases; ++k) {
    std::vector<double> y = noise.nights(NoiseKind::gauss, 90, 0.005);
    for (std::size_t t = 40; t < y.size() && k < stepping; ++t)
      y[t] += k % 2 == 0 ? 0.1 + 0.01 * static_cast<double>(k) : -0.1;
    for (std::size_t t = 60; t < y.size() && k + 1 == cases; ++t) y[t] += 0.1;
    history.series.push_back(series_of(y, fmt::format("case{}", k)));
  }
  history.analyses = analyse(history.series, {});
  return history;
}

TEST(Events, ManyStepsOfOneNightAreOne) {
  const History history = suite(12, 6);
  const std::vector<Event> events = events_of(history);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].typical().after().night, "2026-03-05") << "the latest first";
  EXPECT_EQ(events[0].steps.size(), 1U);
  const Event& event = events[1];
  EXPECT_EQ(event.steps.size(), 6U);
  EXPECT_EQ(event.cases, 12U);
  EXPECT_EQ(event.slower, 3U);
  EXPECT_TRUE(event.suite) << "half of the cases";
  EXPECT_EQ(event.typical().series->name, "case4") << "the largest first";
  std::ostringstream text;
  write_text(text, history, false);
  EXPECT_THAT(text.str(), HasSubstr("6 of 12 cases stepped in one night (3 SLOWER, 3 FASTER)"));
  EXPECT_THAT(text.str(), HasSubstr("commit c39 -> c40"));
  EXPECT_THAT(text.str(), HasSubstr("driver 580"));
  EXPECT_THAT(text.str(), HasSubstr("12 series: 4 SLOWER, 3 FASTER, 5 STEADY"));
  EXPECT_FALSE(events_of(suite(12, 4))[1].suite);
}

TEST(Events, NothingIsNoEvent) { EXPECT_TRUE(events_of({}).empty()); }

TEST(Standing, IsOneWordASeries) {
  NoiseMaker noise(8);
  const auto word = [](const std::vector<double>& y) {
    const std::vector<Series> one{series_of(y, "a")};
    return std::string(standing_of(one[0], analyse(one, {})[0]).word);
  };
  std::vector<double> y = noise.nights(NoiseKind::gauss, 80, 0.003);
  EXPECT_EQ(word(y), "STEADY");
  std::vector<double> stepped = y, drifting = y;
  for (std::size_t t = 50; t < y.size(); ++t) stepped[t] -= 0.05;
  EXPECT_EQ(word(stepped), "FASTER");
  for (std::size_t t = 0; t < y.size(); ++t) drifting[t] += 0.001 * static_cast<double>(t);
  EXPECT_EQ(word(drifting), "DRIFT_SLOWER");
  EXPECT_EQ(word({0, 0.1, 0.2}), "SHORT");
}

}  // namespace
}  // namespace kernelgate::history

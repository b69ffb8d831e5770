// How often what is reported is false, and what is found. docs/history.md has the figures of
//   KERNELGATE_RATES_TIMES=10 judge_tests --gtest_filter='HistoryRates*' --gtest_output=json:FILE

#include <gtest/gtest.h>

#include <cmath>

#include "harness/history/analysis/analyse.h"
#include "harness/history/analysis/noise_for_test.h"

namespace kernelgate::history {
namespace {

using for_test::name_of;
using for_test::noise_kinds;
using for_test::NoiseKind;
using for_test::NoiseMaker;
using for_test::trials;
using kernelgate::for_test::least_hits;
using kernelgate::for_test::most_hits;

constexpr double alpha = 0.01, threshold = 0.005;

/// The most hits that a true rate of `rate` gives but once in some thousand tests.
double most(double rate, int trials) { return trials * rate + 4 * std::sqrt(trials * rate) + 1; }

void record(const std::string& name, int hits, int trials) {
  ::testing::Test::RecordProperty(name, std::to_string(hits) + " of " + std::to_string(trials));
}

class HistoryRates : public ::testing::Test {
 protected:
  NullDistribution null_;
  NoiseMaker noise_{20261125};
};

TEST_F(HistoryRates, OneCaseWithoutAStepSeldomShowsOne) {
  for (int nights : {20, 90, 365})
    for (NoiseKind kind : noise_kinds) {
      const int all = trials(nights > 100 ? 300 : 1000, nights > 100 ? 50 : 150);
      int hits = 0;
      for (int i = 0; i < all; ++i)
        hits += fit_steps(noise_.nights(kind, static_cast<std::size_t>(nights)), alpha, threshold, null_).steps.empty()
                    ? 0
                    : 1;
      EXPECT_LE(hits, most(alpha, all)) << nights << " " << name_of(kind);
      record("null_" + std::to_string(nights) + "_" + name_of(kind), hits, all);
    }
}

TEST_F(HistoryRates, OneCaseThatWandersSeldomShowsAStep) {
  for (std::size_t nights : {20U, 60U, 365U}) {
    const int all = trials(nights > 100 ? 300 : 1000, nights > 100 ? 50 : 150);
    int hits = 0;
    for (int i = 0; i < all; ++i)
      hits += fit_steps(noise_.wandering(0.8, nights), alpha / reference_suite, threshold, null_).steps.empty() ? 0 : 1;
    EXPECT_LE(hits, most(alpha, all)) << nights;
    record("null_" + std::to_string(nights) + "_ar08", hits, all);
  }
}

TEST_F(HistoryRates, AStepOfTwoPercentIsFoundAfterDays) {
  // Within 2 nights of the truth, at a night's deviation of 1 %, after 90 nights without.
  for (NoiseKind kind : noise_kinds)
    for (std::size_t after : {3U, 7U, 15U, 30U}) {
      const int all = trials(200, 50);
      int hits = 0;
      for (int i = 0; i < all; ++i) {
        std::vector<double> y = noise_.nights(kind, 90 + after);
        for (std::size_t t = 90; t < y.size(); ++t) y[t] += 0.02;
        for (const Step& step : fit_steps(y, alpha, threshold, null_).steps)
          if (step.change > 0 && step.at >= 88 && step.at <= 92) {
            ++hits;
            break;
          }
      }
      if (kind == NoiseKind::gauss && after >= 7) {
        const double least = after >= 15 ? 0.85 : 0.55;
        EXPECT_GE(hits, all < 200 ? least_hits(all, least) : all * least) << after;
      }
      record(std::string("found_") + name_of(kind) + "_after_" + std::to_string(after), hits, all);
    }
}

TEST_F(HistoryRates, DriftIsFoundAndNoDriftIsNot) {
  for (NoiseKind kind : noise_kinds)
    for (std::size_t nights : {60U, 365U}) {
      const int all = trials(1000, 200);
      int null_hits = 0, found = 0;
      for (int i = 0; i < all; ++i) {
        std::vector<double> y = noise_.nights(kind, nights);
        null_hits += find_drift(y, {}).p <= alpha ? 1 : 0;
        for (std::size_t t = 0; t < nights; ++t) y[t] += 0.0005 * static_cast<double>(t);
        found += find_drift(y, {}).p <= alpha ? 1 : 0;
      }
      EXPECT_LE(null_hits, most(alpha, all)) << name_of(kind) << " " << nights;
      if (kind != NoiseKind::correlated || nights > 60) {
        EXPECT_GE(found, all < 1000 ? least_hits(all, 0.9) : all * 0.9) << name_of(kind) << " " << nights;
      }
      const std::string name = std::string(name_of(kind)) + "_" + std::to_string(nights);
      record("drift_null_" + name, null_hits, all);
      record("drift_found_" + name, found, all);
    }
}

Series series_of(const std::vector<double>& y, int number) {
  static const auto environment = std::make_shared<const Environment>(Environment{"test", "cuda", {}});
  Series series{"test", "cuda", std::to_string(number), {{}}, {}};
  for (double value : y)
    series.segments[0].nights.push_back({"", "", {std::exp(value)}, std::nullopt, "", "", false, environment});
  return series;
}

TEST_F(HistoryRates, ASuiteWithoutAChangeSeldomShowsOne) {
  // Of one suite a kind next to nothing is too much, so all kinds are counted together, too.
  const int suites = trials(3, 1), cases = suites > 1 ? 200 : 40;
  int suites_in_all = 0, steps_in_all = 0, drifts_in_all = 0;
  for (NoiseKind kind : noise_kinds) {
    int with_step = 0, with_drift = 0, possible = 0;
    for (int i = 0; i < suites; ++i) {
      std::vector<Series> suite;
      for (int number = 0; number < cases; ++number) suite.push_back(series_of(noise_.nights(kind, 365), number));
      bool step = false, drift = false;
      for (const SeriesAnalysis& one : analyse(suite, {})) {
        step = step || !one.segments[0].steps.empty();
        drift = drift || one.segments[0].drift;
        possible += one.segments[0].possible_p ? 1 : 0;
      }
      with_step += step ? 1 : 0;
      with_drift += drift ? 1 : 0;
    }
    EXPECT_LE(with_step, most(alpha, suites)) << name_of(kind);
    EXPECT_LE(with_drift, most(alpha, suites)) << name_of(kind);
    record(std::string("suites_with_a_step_") + name_of(kind), with_step, suites);
    record(std::string("suites_with_a_drift_") + name_of(kind), with_drift, suites);
    record(std::string("possible_steps_") + name_of(kind), possible, suites * cases);
    suites_in_all += suites;
    steps_in_all += with_step;
    drifts_in_all += with_drift;
  }
  EXPECT_LE(steps_in_all, most_hits(suites_in_all, alpha));
  EXPECT_LE(drifts_in_all, most_hits(suites_in_all, alpha));
}

TEST_F(HistoryRates, AStepInASuiteOfTwoHundredIsFoundLater) {
  for (std::size_t after : {7U, 15U, 30U}) {
    const int all = trials(200, 50);
    int hits = 0;
    for (int i = 0; i < all; ++i) {
      std::vector<double> y = noise_.nights(NoiseKind::gauss, 90 + after);
      for (std::size_t t = 90; t < y.size(); ++t) y[t] += 0.02;
      hits += clearest_step(y, null_).p <= alpha / 200 ? 1 : 0;
    }
    if (after >= 30) {
      EXPECT_GE(hits, all < 200 ? least_hits(all, 0.95) : all * 0.95);
    }
    record("found_among_200_after_" + std::to_string(after), hits, all);
  }
}

}  // namespace
}  // namespace kernelgate::history

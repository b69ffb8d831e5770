#include "harness/baseline/baseline_noise.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>

#include <fmt/format.h>

#include "harness/judge/compare/decision.h"
#include "harness/judge/compare/screen.h"
#include "harness/judge/confirm/two_stage.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

constexpr std::size_t fewest_for_lag = 5;
/// Nights that differ this many times more than runs do are a cause to be looked for: clocks, heat, neighbours.
constexpr double suspicious_ratio = 3, suspicious_df = 4;
/// So many degrees as make Student's t normal: what is declared is taken as known.
constexpr double declared_df = 1e6;

NoiseGrade grade_of(const VarianceComponents& spread) {
  if (spread.run.df + spread.night.df <= 0) return NoiseGrade::unknown;
  const double sd = std::hypot(spread.run.sd, spread.night.sd);
  if (sd < quiet_below) return NoiseGrade::quiet;
  return sd < noisy_from ? NoiseGrade::typical : NoiseGrade::noisy;
}

double runs_a_night(const VarianceComponents& spread) {
  return spread.nights > 0 ? static_cast<double>(spread.runs) / spread.nights : 1;
}

/// The suite's, where nights are known, as the screen has it; the median of s^2 is below sigma^2 where degrees are few
/// (Wilson and Hilferty).
std::optional<double> typical_variance(const std::vector<CaseNoise>& cases) {
  std::vector<double> variances;
  for (const CaseNoise& one : cases) {
    if (one.spread.night.df <= 0) continue;
    const double own = night_mean_variance(one.spread, runs_a_night(one.spread));
    variances.push_back(own / std::pow(1 - 2 / (9 * one.spread.night.df), 3));
  }
  if (variances.empty()) return std::nullopt;
  return median(variances);
}

void judge_noise(CaseNoise& one, std::optional<double> typical, const DeviceClass& device, double rivals) {
  const double runs = runs_a_night(one.spread);
  const double own_df = one.spread.night.df;
  double variance = device.night_sd * device.night_sd + device.run_sd * device.run_sd / runs, df = declared_df;
  one.declared = !typical;
  if (typical) {
    df = suite_prior_df + own_df;
    variance = (suite_prior_df * *typical + own_df * night_mean_variance(one.spread, runs)) / df;
  }
  const double nights = std::max(one.spread.nights, 1);
  const double se = std::sqrt(variance * (1 + 1 / nights));
  const double run_sd = one.spread.run.df > 0 ? one.spread.run.sd : device.run_sd;
  one.detectable = detectable_change(se, df, std::numbers::sqrt2 * run_sd, std::log1p(0.005), rivals);
  if (one.spread.night.df >= suspicious_df && one.spread.night.sd > suspicious_ratio * one.spread.run.sd)
    one.warning = fmt::format(
        "its nights differ by {:.2f} %, {} times as much as runs of one night ({:.2f} %): look for what changes from "
        "night to night (clocks, heat, neighbours)",
        100 * one.spread.night.sd,
        one.spread.run.sd > 0 ? fmt::format("{:.0f}", one.spread.night.sd / one.spread.run.sd) : "infinitely many",
        100 * one.spread.run.sd);
}

}  // namespace

const char* to_string(NoiseGrade grade) {
  switch (grade) {
    case NoiseGrade::unknown:
      return "unknown";
    case NoiseGrade::quiet:
      return "quiet";
    case NoiseGrade::typical:
      return "typical";
    case NoiseGrade::noisy:
      return "noisy";
  }
  return "?";
}

std::vector<double> night_means(const std::vector<RunSummary>& runs) {
  std::map<std::string, std::vector<double>> nights;
  for (const RunSummary& run : runs) nights[run.night].push_back(std::log(run.median_s));
  std::vector<double> means;
  for (const auto& [night, values] : nights)
    means.push_back(std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size()));
  return means;
}

double since_anchor(const BaselineCase& one) {
  return median(night_means(one.measured.runs)) - median(night_means(one.anchor));
}

std::optional<double> lag1_autocorrelation(const std::vector<double>& series) {
  if (series.size() < fewest_for_lag) return std::nullopt;
  const double mean = std::accumulate(series.begin(), series.end(), 0.0) / static_cast<double>(series.size());
  double squares = 0, products = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    squares += (series[i] - mean) * (series[i] - mean);
    if (i > 0) products += (series[i] - mean) * (series[i - 1] - mean);
  }
  if (squares <= 0) return std::nullopt;
  return products / squares;
}

std::vector<CaseNoise> noise_of(const Baseline& baseline) {
  std::vector<CaseNoise> cases;
  for (const BaselineCase& one : baseline.cases) {
    CaseNoise noise;
    noise.spread = known_spread(one);
    noise.grade = grade_of(noise.spread);
    noise.lag1 = lag1_autocorrelation(night_means(one.measured.runs));
    cases.push_back(std::move(noise));
  }
  const std::optional<double> typical = typical_variance(cases);
  // Of unchanged cases the screen flags its alpha by chance, and the change that is looked for is one more.
  const double rivals = 1 + ScreenOptions{}.alpha * static_cast<double>(cases.size());
  for (CaseNoise& one : cases) judge_noise(one, typical, device_class(baseline.device_kind), rivals);
  return cases;
}

}  // namespace kernelgate

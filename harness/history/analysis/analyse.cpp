#include "harness/history/analysis/analyse.h"

#include <algorithm>
#include <cmath>

#include "harness/history/analysis/noise.h"
#include "harness/history/analysis/segment_fit.h"
#include "harness/statistics/multiplicity.h"
#include "harness/statistics/statistics.h"

namespace kernelgate::history {
namespace {

// Nights are said to scatter far more than runs when what is left of their spread without the runs' is this many times
// the runs'. Then more runs a night help little.
constexpr double far_more = 3;

/// A stretch of nights, and where it is.
struct Stretch {
  std::size_t series = 0, segment = 0;
  std::vector<double> y;  ///< the log of each night's time
  StepFit clearest;
  Drift drift;
};

std::vector<Stretch> stretches_of(const std::vector<Series>& all, NullDistribution& null) {
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < all[i].segments.size(); ++j) {
      Stretch stretch{i, j, {}, {}, {}};
      for (const Night& night : all[i].segments[j].nights) stretch.y.push_back(std::log(night.median_s()));
      stretch.clearest = clearest_step(stretch.y, null);
      stretch.drift = find_drift(stretch.y, {});
      stretches.push_back(std::move(stretch));
    }
  return stretches;
}

/// The share of alpha that each hypothesis may use: what Holm let it have, 0 where it stands. Never less than the even
/// share, which is what a further look at a stretch may use.
std::vector<double> shares_of_alpha(const std::vector<double>& p, double alpha) {
  const std::vector<bool> fallen = holm(p, alpha);
  std::vector<double> shares(p.size(), 0);
  for (std::size_t i = 0; i < p.size(); ++i)
    if (fallen[i]) shares[i] = std::max(p[i], alpha / static_cast<double>(p.size()));
  return shares;
}

double run_sd(const Segment& segment) {
  double squares = 0, freedom = 0;
  for (const Night& night : segment.nights) {
    if (night.run_medians_s.size() < 2) continue;
    double mean = 0;
    for (double s : night.run_medians_s) mean += std::log(s) / static_cast<double>(night.run_medians_s.size());
    for (double s : night.run_medians_s) squares += (std::log(s) - mean) * (std::log(s) - mean);
    freedom += static_cast<double>(night.run_medians_s.size() - 1);
  }
  return freedom > 0 ? std::sqrt(squares / freedom) : 0;
}

double runs_a_night(const Segment& segment) {
  double runs = 0;
  for (const Night& night : segment.nights) runs += static_cast<double>(night.run_medians_s.size());
  return runs / static_cast<double>(segment.nights.size());
}

std::optional<double> cycles_ratio(const std::vector<Night>& nights, std::size_t before, std::size_t at,
                                   std::size_t after, double ratio) {
  std::vector<double> old_hz, new_hz;
  for (std::size_t t = before; t < after; ++t) {
    if (!nights[t].clock_hz) return std::nullopt;
    (t < at ? old_hz : new_hz).push_back(*nights[t].clock_hz);
  }
  return ratio * median(new_hz) / median(old_hz);
}

/// What most likely did it: clocks where cycles are equal; else what else changed on that night.
std::string attribution_of(const LocatedStep& step, const Night& before, const Night& after) {
  if (step.cycles_ratio && std::fabs(std::log(*step.cycles_ratio)) < 0.5 * std::fabs(std::log(step.ratio)))
    return "clock";
  if (before.code_hash.empty() || after.code_hash.empty()) return before.commit == after.commit ? "environment" : "";
  return before.code_hash == after.code_hash ? "environment" : "code";
}

std::vector<LocatedStep> located(const StepFit& fit, const std::vector<Night>& nights) {
  std::vector<LocatedStep> steps;
  for (std::size_t i = 0; i < fit.steps.size(); ++i) {
    const Step& step = fit.steps[i];
    LocatedStep one{
        step.at, std::exp(step.change), std::exp(fit.levels[i]), std::exp(fit.levels[i + 1]), step.p, std::nullopt, ""};
    one.cycles_ratio = cycles_ratio(nights, i > 0 ? fit.steps[i - 1].at : 0, step.at,
                                    i + 1 < fit.steps.size() ? fit.steps[i + 1].at : nights.size(), one.ratio);
    one.attribution = attribution_of(one, nights[step.at - 1], nights[step.at]);
    steps.push_back(std::move(one));
  }
  return steps;
}

SegmentAnalysis analysis_of(const SegmentFit& fit, const Stretch& stretch, const Segment& segment) {
  SegmentAnalysis analysis;
  analysis.steps = located(fit.steps, segment.nights);
  for (double level : fit.steps.levels) analysis.levels_s.push_back(std::exp(level));
  analysis.drift = fit.drift;
  analysis.phi = stretch.clearest.phi;
  analysis.night_sd = robust_sd(residuals_of(fit, stretch.y));
  analysis.run_sd = run_sd(segment);
  // A night is the median of its runs, whose variance is pi/2 of the mean's.
  const double of_runs = 1.5708 * analysis.run_sd * analysis.run_sd / runs_a_night(segment);
  const double between = std::sqrt(std::max(0.0, analysis.night_sd * analysis.night_sd - of_runs));
  analysis.nights_scatter =
      stretch.y.size() >= anchor_nights && analysis.run_sd > 0 && between > far_more * analysis.run_sd;
  return analysis;
}

void summarise(SeriesAnalysis& analysis, const Segment& last) {
  const auto middle = [&](std::size_t first, std::size_t end) {
    std::vector<double> times;
    for (std::size_t t = first; t < end; ++t) times.push_back(last.nights[t].median_s());
    return median(times);
  };
  const std::size_t n = last.nights.size(), few = std::min(n, anchor_nights), recent = std::min<std::size_t>(n, 3);
  const double now = middle(n - recent, n);
  analysis.last_over_anchor = now / middle(0, few);
  const std::vector<double>& levels = analysis.segments.back().levels_s;
  analysis.last_over_best = now / *std::ranges::min_element(levels);
}

}  // namespace

std::vector<SeriesAnalysis> analyse(const std::vector<Series>& all, const AnalysisOptions& options) {
  NullDistribution null;
  const std::vector<Stretch> stretches = stretches_of(all, null);
  std::vector<double> step_p, drift_p;
  for (const Stretch& stretch : stretches) {
    step_p.push_back(stretch.clearest.p);
    drift_p.push_back(stretch.drift.p);
  }
  const std::vector<double> step_alpha = shares_of_alpha(step_p, options.alpha);
  const std::vector<double> drift_alpha = shares_of_alpha(drift_p, options.alpha);
  const std::vector<bool> possible = benjamini_hochberg(step_p, options.possible_rate);

  std::vector<SeriesAnalysis> analyses(all.size());
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    const Stretch& stretch = stretches[i];
    const SegmentFit fit = fit_segment(stretch.y, stretch.drift, step_alpha[i], drift_alpha[i],
                                       options.alpha / static_cast<double>(stretches.size()), options.threshold, null);
    SegmentAnalysis analysis = analysis_of(fit, stretch, all[stretch.series].segments[stretch.segment]);
    if (possible[i] && analysis.steps.empty() && !analysis.drift && !stretch.clearest.steps.empty()) {
      const Step& step = stretch.clearest.steps.front();
      if (std::fabs(step.change) >= options.threshold) {
        analysis.possible_p = step.p;
        analysis.possible_at = step.at;
        analysis.possible_ratio = std::exp(step.change);
      }
    }
    analyses[stretch.series].segments.push_back(std::move(analysis));
  }
  for (std::size_t i = 0; i < all.size(); ++i) summarise(analyses[i], all[i].segments.back());
  return analyses;
}

}  // namespace kernelgate::history

#include "harness/history/analysis/analyse.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <future>

#include "harness/base/process/thread_team.h"
#include "harness/history/analysis/noise.h"
#include "harness/history/analysis/segment_fit.h"
#include "harness/statistics/multiplicity.h"
#include "harness/statistics/statistics.h"

namespace kernelgate::history {
namespace {

// Nights are said to scatter far more than runs when what is left of their spread without the runs' is this many times
// the runs'. Then more runs a night help little.
constexpr double far_more = 3;

/// A stretch of nights, where it is, and what was found in it.
struct Stretch {
  std::size_t series = 0, segment = 0;
  std::vector<double> y;  ///< the log of each night's time
  StepFit clearest;
  Drift drift;
  SegmentFit fit;
};

std::vector<Stretch> stretches_of(const std::vector<Series>& all) {
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < all[i].segments.size(); ++j) {
      stretches.push_back({i, j, {}, {}, {}, {}});
      for (const Night& night : all[i].segments[j].nights) stretches.back().y.push_back(std::log(night.median_s()));
    }
  return stretches;
}

/// Each for itself, by all cores.
void fit_all(std::vector<Stretch>& stretches, const AnalysisOptions& options) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < stretches.size(); i = next++) {
      Stretch& one = stretches[i];
      one.clearest = clearest_step(one.y, null_distribution());
      one.drift = find_drift(one.y, {});
      one.fit = fit_segment(one.y, one.clearest, one.drift, options.alpha / reference_suite, options.threshold,
                            null_distribution());
    }
  };
  std::vector<std::future<void>> others;
  for (std::size_t i = 1; i < std::min(usable_threads(), stretches.size()); ++i)
    others.push_back(std::async(std::launch::async, work));
  work();
  for (std::future<void>& one : others) one.get();
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
  if (before.code_hash.empty() || after.code_hash.empty())
    return !before.commit.empty() && before.commit == after.commit ? "environment" : "";
  return before.code_hash == after.code_hash ? "environment" : "code";
}

double middle_of(const std::vector<double>& y, std::size_t from, std::size_t to) {
  return median(std::span(y).subspan(from, to - from));
}

/// Beside a drift, levels move: what is said of a step is what the nights nearest to it took.
constexpr std::size_t nearest_nights = 7;

std::vector<LocatedStep> located(const SegmentFit& fit, const std::vector<double>& y,
                                 const std::vector<Night>& nights) {
  std::vector<LocatedStep> located;
  const auto& steps = fit.steps.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::size_t at = steps[i].at, first = i > 0 ? steps[i - 1].at : 0,
                      last = i + 1 < steps.size() ? steps[i + 1].at : y.size();
    const std::size_t reach = fit.drift ? nearest_nights : y.size();
    const double before = middle_of(y, std::max(first, at > reach ? at - reach : 0), at),
                 after = middle_of(y, at, std::min(last, at + reach));
    LocatedStep one{at, std::exp(after - before), std::exp(before), std::exp(after), steps[i].p, std::nullopt, ""};
    one.cycles_ratio = cycles_ratio(nights, first, at, last, one.ratio);
    one.attribution = attribution_of(one, nights[at - 1], nights[at]);
    located.push_back(std::move(one));
  }
  return located;
}

SegmentAnalysis analysis_of(const Stretch& stretch, const Segment& segment) {
  const SegmentFit& fit = stretch.fit;
  SegmentAnalysis analysis;
  analysis.steps = located(fit, stretch.y, segment.nights);
  const std::size_t nights = stretch.y.size(), few = std::min(nights, anchor_nights);
  for (std::size_t i = 0, first = 0; i <= fit.steps.steps.size(); ++i) {
    const std::size_t last = i < fit.steps.steps.size() ? fit.steps.steps[i].at : nights;
    analysis.levels_s.push_back(std::exp(middle_of(stretch.y, first, last)));
    first = last;
  }
  analysis.drift = fit.drift;
  analysis.anchor_s = std::exp(middle_of(stretch.y, 0, few));
  analysis.last_s = std::exp(middle_of(stretch.y, nights - few, nights));
  analysis.phi = stretch.clearest.phi;
  analysis.residuals = residuals_of(fit, stretch.y);
  analysis.night_sd = robust_sd(analysis.residuals);
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
  std::vector<Stretch> stretches = stretches_of(all);
  fit_all(stretches, options);
  std::vector<double> step_p;
  for (const Stretch& stretch : stretches) step_p.push_back(stretch.clearest.p);
  const std::vector<bool> possible = benjamini_hochberg(step_p, options.possible_rate);

  std::vector<SeriesAnalysis> analyses(all.size());
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    const Stretch& stretch = stretches[i];
    SegmentAnalysis analysis = analysis_of(stretch, all[stretch.series].segments[stretch.segment]);
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

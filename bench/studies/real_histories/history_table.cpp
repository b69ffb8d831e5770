#include "bench/studies/real_histories/history_table.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>

#include <fmt/format.h>

#include "bench/studies/real_histories/shifts.h"
#include "harness/history/analysis/analyse.h"

namespace kernelgate::real_histories {
namespace {

using history::SegmentAnalysis;
using history::Series;
using history::SeriesAnalysis;

/// A step is where a shift is if no more than these nights are between them.
constexpr std::size_t beside = 3;

std::vector<double> log_times(const Series& series) {
  std::vector<double> y;
  for (const history::Night& night : series.segments.front().nights) y.push_back(std::log(night.median_s()));
  return y;
}

bool found(const SegmentAnalysis& analysis, const Shift& shift) {
  return std::ranges::any_of(analysis.steps, [&](const history::LocatedStep& step) {
    const std::size_t apart = std::max(step.at, shift.at) - std::min(step.at, shift.at);
    return apart <= beside && (step.ratio > 1) == (shift.change > 0);
  });
}

void count_steps(const std::vector<double>& y, const SegmentAnalysis& analysis, HistoryCounts& counts) {
  const auto& steps = analysis.steps;
  counts.steps += static_cast<int>(steps.size());
  counts.drifts += analysis.drift ? 1 : 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::size_t from = i > 0 ? steps[i - 1].at : 0, to = i + 1 < steps.size() ? steps[i + 1].at : y.size();
    counts.without_support += has_support(y, from, steps[i].at, to, std::log(steps[i].ratio)) ? 0 : 1;
  }
  for (const Shift& shift : shifts_in(y, obvious)) {
    ++counts.obvious;
    counts.found += found(analysis, shift) ? 1 : 0;
  }
}

/// The same nights with their values in another order.
std::vector<Series> shuffled(std::vector<Series> all, std::mt19937_64& random) {
  for (Series& series : all) {
    auto& nights = series.segments.front().nights;
    std::vector<std::vector<double>> values;
    for (const history::Night& night : nights) values.push_back(night.run_medians_s);
    std::ranges::shuffle(values, random);
    for (std::size_t t = 0; t < nights.size(); ++t) nights[t].run_medians_s = values[t];
  }
  return all;
}

bool alike(const SegmentAnalysis& a, const SegmentAnalysis& b) {
  return a.drift.has_value() == b.drift.has_value() &&
         std::ranges::equal(a.steps, b.steps, {}, &history::LocatedStep::at, &history::LocatedStep::at);
}

}  // namespace

HistoryCounts count_history(const Source& source, int shuffles) {
  HistoryCounts counts;
  const std::vector<Series> all = series_of(source);
  const auto began = std::chrono::steady_clock::now();
  const std::vector<SeriesAnalysis> analyses = history::analyse(all, {});
  counts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  for (std::size_t i = 0; i < all.size(); ++i) {
    ++counts.series;
    count_steps(log_times(all[i]), analyses[i].segments.front(), counts);
    const SeriesAnalysis alone = history::analyse({all[i]}, {}).front();
    counts.alone_otherwise += alike(alone.segments.front(), analyses[i].segments.front()) ? 0 : 1;
  }
  // NOLINTNEXTLINE(bugprone-random-generator-seed): the same shuffles each time
  std::mt19937_64 random(20261129);
  for (int round = 0; round < shuffles; ++round)
    for (const SeriesAnalysis& analysis : history::analyse(shuffled(all, random), {})) {
      ++counts.shuffled;
      counts.steps_in_shuffled += static_cast<int>(analysis.segments.front().steps.size());
    }
  return counts;
}

void print_history_table(std::span<const Source> sources, int shuffles) {
  fmt::print(
      "| source | series | steps | without support | drifts | obvious shifts of 5 % | found | steps in shuffled series "
      "| alone otherwise | s |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
  HistoryCounts all;
  const auto row = [](const std::string& name, const HistoryCounts& c) {
    fmt::print("| {} | {} | {} | {} | {} | {} | {} ({:.0f} %) | {} of {} | {} | {:.2f} |\n", name, c.series, c.steps,
               c.without_support, c.drifts, c.obvious, c.found, c.obvious > 0 ? 100.0 * c.found / c.obvious : 100.0,
               c.steps_in_shuffled, c.shuffled, c.alone_otherwise, c.seconds);
    std::fflush(stdout);
  };
  for (const Source& source : sources) {
    const HistoryCounts one = count_history(source, shuffles);
    row(source.name, one);
    for (auto count : {&HistoryCounts::series, &HistoryCounts::steps, &HistoryCounts::without_support,
                       &HistoryCounts::drifts, &HistoryCounts::obvious, &HistoryCounts::found, &HistoryCounts::shuffled,
                       &HistoryCounts::steps_in_shuffled, &HistoryCounts::alone_otherwise})
      all.*count += one.*count;
    all.seconds += one.seconds;
  }
  row("**all**", all);
}

void print_series(const Source& source, const std::string& part) {
  const std::vector<Series> all = series_of(source);
  const std::vector<SeriesAnalysis> analyses = history::analyse(all, {});
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].name.find(part) == std::string::npos) continue;
    const SegmentAnalysis& analysis = analyses[i].segments.front();
    const auto& nights = all[i].segments.front().nights;
    fmt::print("{} {}: {} nights, phi {:.2f}, sd {:.2f} %\n", source.name, all[i].name, nights.size(), analysis.phi,
               100 * analysis.night_sd);
    const std::vector<double> y = log_times(all[i]);
    for (std::size_t k = 0; k < analysis.steps.size(); ++k) {
      const history::LocatedStep& step = analysis.steps[k];
      const std::size_t from = k > 0 ? analysis.steps[k - 1].at : 0,
                        to = k + 1 < analysis.steps.size() ? analysis.steps[k + 1].at : y.size();
      fmt::print("  {} (night {}) {:+.1f} % ({:.4g} s -> {:.4g} s, p {:.2g}){}\n", nights[step.at].night, step.at,
                 100 * (step.ratio - 1), step.before_s, step.after_s, step.p,
                 has_support(y, from, step.at, to, std::log(step.ratio)) ? "" : " WITHOUT SUPPORT");
    }
    if (analysis.drift)
      fmt::print("  drift {:+.1f} % by its line, {:.4g} s -> {:.4g} s\n", 100 * std::expm1(analysis.drift->change),
                 analysis.anchor_s, analysis.last_s);
    for (const Shift& shift : shifts_in(y, obvious))
      if (!found(analysis, shift))
        fmt::print("  missed: {} (night {}) {:+.1f} %\n", nights[shift.at].night, shift.at,
                   100 * std::expm1(shift.change));
  }
}

}  // namespace kernelgate::real_histories

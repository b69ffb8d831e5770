// The history for a person, most important first.

#include <algorithm>
#include <array>
#include <cmath>
#include <ostream>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include "harness/base/quantity.h"
#include "harness/history/report/events.h"
#include "harness/history/report/report.h"
#include "harness/statistics/statistics.h"

namespace kernelgate::history {
namespace {

constexpr std::size_t sparkline_width = 24;

std::string shown_commit(const Night& night) {
  return (night.commit.empty() ? "unknown" : night.commit) + (night.dirty ? "+changes" : "");
}

const char* attribution_text(const std::string& attribution) {
  if (attribution == "code") return "the machine code changed";
  if (attribution == "clock") return "the SM clock changed, the cycles did not";
  if (attribution == "environment") return "the code is the same: driver, firmware, hardware or neighbours";
  return "whether the code changed is not known";
}

void write_driver(std::ostream& out, const StepAt& one) {
  const std::string old_driver = identity_field(*one.before().environment, "driver"),
                    driver = identity_field(*one.after().environment, "driver");
  if (old_driver != "unknown" || driver != "unknown")
    fmt::print(out, "      driver {}\n", old_driver == driver ? driver : old_driver + " -> " + driver);
}

void write_step(std::ostream& out, const StepAt& one) {
  const double before = one.step.before_s, after = one.step.after_s;
  fmt::print(out, "  {}  {:>9}  {}  {}  ({})\n", one.after().night, show_change(one.step.ratio, 2),
             one.step.ratio > 1 ? "SLOWER" : "FASTER", one.series->name, one.series->device);
  fmt::print(out, "      {} -> {}; commit {} -> {}; {}{}\n", show_seconds(before), show_seconds(after),
             shown_commit(one.before()), shown_commit(one.after()), attribution_text(one.step.attribution),
             one.step.cycles_ratio ? fmt::format("; in cycles {}", show_change(*one.step.cycles_ratio, 2)) : "");
  write_driver(out, one);
}

/// One line for all, and one for each case.
void write_event(std::ostream& out, const Event& event) {
  const StepAt& one = event.typical();
  fmt::print(out, "  {}  {} of {} cases stepped in one night ({} SLOWER, {} FASTER), by {} in the middle  ({})\n",
             one.after().night, event.steps.size(), event.cases, event.slower, event.steps.size() - event.slower,
             show_change(event.median_ratio, 2), one.series->device);
  if (event.suite)
    fmt::print(out, "      {}: most of the suite, so look at the machine, or at what builds it, first\n",
               one.step.attribution == "environment" ? "ENVIRONMENT_SHIFT" : "SUITE_SHIFT");
  fmt::print(out, "      commit {} -> {}; {}\n", shown_commit(one.before()), shown_commit(one.after()),
             attribution_text(one.step.attribution));
  write_driver(out, one);
  for (const StepAt& step : event.steps)
    fmt::print(out, "      {:>9}  {}  {}, {} -> {}\n", show_change(step.step.ratio, 2),
               step.step.ratio > 1 ? "SLOWER" : "FASTER", step.series->name, show_seconds(step.step.before_s),
               show_seconds(step.step.after_s));
}

void write_steps(std::ostream& out, const History& history) {
  const std::vector<Event> events = events_of(history);
  std::size_t steps = 0;
  for (const Event& event : events) steps += event.steps.size();
  if (steps == 0) {
    fmt::print(out, "No step.\n");
    return;
  }
  fmt::print(out, "{} {}, the latest first\n", steps, steps == 1 ? "step" : "steps");
  for (const Event& event : events) {
    if (event.steps.size() >= fewest_in_event)
      write_event(out, event);
    else
      for (const StepAt& one : event.steps) write_step(out, one);
  }
}

/// The verdict on each series: how many stand how, and a line for each that does not stand still.
void write_standings(std::ostream& out, const History& history) {
  std::map<std::string, std::size_t> counts;
  std::vector<std::pair<Standing, const Series*>> moved;
  for (std::size_t i = 0; i < history.series.size(); ++i) {
    const Standing standing = standing_of(history.series[i], history.analyses[i]);
    ++counts[standing.word];
    if (standing.ratio != 1) moved.emplace_back(standing, &history.series[i]);
  }
  if (counts.empty()) return;
  std::vector<std::string> texts;
  for (const char* word : {"SLOWER", "DRIFT_SLOWER", "POSSIBLE", "FASTER", "DRIFT_FASTER", "STEADY", "SHORT"})
    if (counts.contains(word)) texts.push_back(fmt::format("{} {}", counts.at(word), word));
  fmt::print(out, "{} series: {}\n", history.series.size(), fmt::join(texts, ", "));
  std::ranges::stable_sort(moved, std::greater{}, [](const auto& one) { return std::log(one.first.ratio); });
  for (const auto& [standing, series] : moved)
    fmt::print(out, "  {:<12} {:>9}{}  {}  ({})\n", standing.word, show_change(standing.ratio, 2),
               standing.since.empty() ? "" : " since " + standing.since, series->name, series->device);
}

void write_drifts(std::ostream& out, const History& history) {
  struct Row {
    const Series* series;
    const Segment* segment;
    Drift drift;
    double anchor_s, last_s;
  };
  std::vector<Row> rows;
  for (std::size_t i = 0; i < history.series.size(); ++i)
    for (std::size_t j = 0; j < history.series[i].segments.size(); ++j)
      if (const auto& drift = history.analyses[i].segments[j].drift)
        rows.push_back({&history.series[i], &history.series[i].segments[j], *drift,
                        history.analyses[i].segments[j].anchor_s, history.analyses[i].segments[j].last_s});
  if (rows.empty()) {
    fmt::print(out, "No drift.\n");
    return;
  }
  std::ranges::sort(rows, std::greater{}, [](const Row& row) { return std::fabs(row.drift.change); });
  fmt::print(out, "{} {} against the anchor, the first {} nights\n", rows.size(), rows.size() == 1 ? "drift" : "drifts",
             anchor_nights);
  for (const Row& row : rows)
    fmt::print(out, "  {:+.3f} % a night  {}  {}  ({})\n      {} -> {} by {}, {}\n",
               100 * std::expm1(row.drift.per_night), row.drift.change > 0 ? "SLOWER" : "FASTER", row.series->name,
               row.series->device, show_seconds(row.anchor_s), show_seconds(row.last_s),
               row.segment->nights.back().night, show_change(row.last_s / row.anchor_s, 2));
}

void write_possible(std::ostream& out, const History& history) {
  bool headed = false;
  for (std::size_t i = 0; i < history.series.size(); ++i)
    for (std::size_t j = 0; j < history.series[i].segments.size(); ++j) {
      const SegmentAnalysis& analysis = history.analyses[i].segments[j];
      if (!analysis.possible_p) continue;
      if (!headed) fmt::print(out, "Possible steps: a tenth of such a list may be false; wait for more nights\n");
      headed = true;
      fmt::print(out, "  {}  {:>9}  {}  ({})\n", history.series[i].segments[j].nights[analysis.possible_at].night,
                 show_change(analysis.possible_ratio, 2), history.series[i].name, history.series[i].device);
    }
}

/// Changes of the environment are of a device and a night, and cut all of its cases alike: each is said once.
void write_environments(std::ostream& out, const History& history) {
  std::map<std::tuple<std::string, std::string, std::string, bool>, std::vector<double>> changes;
  for (std::size_t i = 0; i < history.series.size(); ++i) {
    const Series& series = history.series[i];
    for (std::size_t j = 1; j < series.segments.size(); ++j) {
      const double ratio =
          history.analyses[i].segments[j].levels_s.front() / history.analyses[i].segments[j - 1].levels_s.back();
      for (const std::string& text : series.segments[j].changes)
        changes[{series.segments[j].nights.front().night, series.device, text, false}].push_back(ratio);
    }
    for (const JoinedChange& joined : series.joined)
      for (const std::string& text : joined.changes) changes[{joined.night, series.device, text, true}];
  }
  if (changes.empty()) return;
  fmt::print(out, "Changes of the environment\n");
  for (const auto& [key, ratios] : changes) {
    const auto& [night, device, text, joined] = key;
    if (joined)
      fmt::print(out, "  {}  {}: {}: declared, joined across\n", night, device, text);
    else
      fmt::print(out, "  {}  {}: {}: a new segment; {} cases, median {} (not judged; --vary {} joins)\n", night, device,
                 text, ratios.size(), show_change(median(ratios), 2), text.substr(0, text.find(':')));
  }
}

std::string sparkline(const Series& series) {
  constexpr std::array bars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::vector<double> times;
  for (const Segment& segment : series.segments)
    for (const Night& night : segment.nights) times.push_back(night.median_s());
  std::vector<double> shown;
  const std::size_t width = std::min(sparkline_width, times.size());
  for (std::size_t i = 0; i < width; ++i) {
    const std::size_t first = i * times.size() / width, last = (i + 1) * times.size() / width;
    shown.push_back(median(std::span(times).subspan(first, last - first)));
  }
  const auto [low, high] = std::ranges::minmax(shown);
  std::string text;
  // Below 1 % from end to end the line is flat: noise is no mountain range.
  const double span = std::max(high - low, 0.01 * low);
  for (double time : shown)
    text += bars[static_cast<std::size_t>(
        std::lround(std::min((time - low) / span, 1.0) * static_cast<double>(bars.size() - 1)))];
  return text + std::string(sparkline_width - width, ' ');
}

void write_cases(std::ostream& out, const History& history) {
  fmt::print(out, "{:{}}  {:>6} {:>11} {:>10} {:>10} {:>8} {:>8}  case\n", "trend", sparkline_width, "nights", "last",
             "to anchor", "to best", "night sd", "run sd");
  for (std::size_t i = 0; i < history.series.size(); ++i) {
    const Series& series = history.series[i];
    const SeriesAnalysis& analysis = history.analyses[i];
    const SegmentAnalysis& last = analysis.segments.back();
    std::size_t nights = 0;
    for (const Segment& segment : series.segments) nights += segment.nights.size();
    fmt::print(out, "{}  {:>6} {:>11} {:>10} {:>10} {:>6.2f} % {:>6.2f} %  {} ({})\n", sparkline(series), nights,
               show_seconds(series.segments.back().nights.back().median_s()), show_change(analysis.last_over_anchor, 2),
               show_change(analysis.last_over_best, 2), 100 * last.night_sd, 100 * last.run_sd, series.name,
               series.device);
  }
}

void write_scatter(std::ostream& out, const History& history) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < history.series.size(); ++i)
    if (history.analyses[i].segments.back().nights_scatter) names.push_back(history.series[i].name);
  if (names.empty()) return;
  fmt::print(out,
             "Nights differ far more than the runs within them in {} of {} cases ({}{}): more runs a night help "
             "little there; look for what changes from night to night: clocks, heat, neighbours\n",
             names.size(), history.series.size(), names.front(), names.size() > 1 ? ", ..." : "");
}

void write_summary(std::ostream& out, const History& history) {
  std::set<std::string> nights, devices;
  for (const Series& series : history.series) {
    devices.insert(series.device);
    for (const Segment& segment : series.segments)
      for (const Night& night : segment.nights) nights.insert(night.night);
  }
  fmt::print(out, "{} documents, {} cases, {} devices, {} nights{}\n", history.found.documents, history.series.size(),
             devices.size(), nights.size(),
             nights.empty() ? "" : fmt::format(" from {} to {}", *nights.begin(), *nights.rbegin()));
  const LeftOut& left = history.left_out;
  fmt::print(out,
             "Not in the trends: {} injected, {} wrong, {} invalid and {} skipped cases; {} interrupted and {} undated "
             "documents; {} duplicates; {} files that are no results; {} unusable files\n",
             left.injected, left.wrong, left.invalid, left.skipped, left.interrupted, left.undated,
             history.found.duplicates, history.found.foreign, history.found.unusable.size());
  fmt::print(
      out,
      "Of suites of {:g} cases where nothing changed at most {:g} % show any step of {:g} % or more, and {:g} % any "
      "drift\n",
      reference_suite, 100 * history.options.alpha, 100 * history.options.threshold, 100 * history.options.alpha);
}

}  // namespace

std::vector<StepAt> confirmed_steps(const History& history) {
  std::vector<StepAt> steps;
  for (std::size_t i = 0; i < history.series.size(); ++i)
    for (std::size_t j = 0; j < history.series[i].segments.size(); ++j)
      for (const LocatedStep& step : history.analyses[i].segments[j].steps)
        steps.push_back({&history.series[i], &history.series[i].segments[j], step});
  std::ranges::stable_sort(steps, [](const StepAt& a, const StepAt& b) {
    if (a.after().night != b.after().night) return a.after().night > b.after().night;
    return std::fabs(std::log(a.step.ratio)) > std::fabs(std::log(b.step.ratio));
  });
  return steps;
}

std::string identity_field(const Environment& environment, const char* name) {
  const nlohmann::json identity = environment.fingerprint.value("identity", nlohmann::json());
  if (!identity.is_object() || !identity.contains(name)) return "unknown";
  const nlohmann::json& value = identity.at(name);
  if (value.is_string()) return value.get<std::string>();
  return value.is_object() || value.is_null() ? "unknown" : value.dump();
}

void write_text(std::ostream& out, const History& history, bool all) {
  write_standings(out, history);
  write_steps(out, history);
  write_drifts(out, history);
  write_possible(out, history);
  write_environments(out, history);
  write_scatter(out, history);
  if (all && !history.series.empty()) write_cases(out, history);
  write_summary(out, history);
}

}  // namespace kernelgate::history

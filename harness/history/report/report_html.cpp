// The history as a page that needs no network: what happened, how each case stands, its nights.

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/printable.h"
#include "harness/base/quantity.h"
#include "harness/history/report/events.h"
#include "harness/history/report/history_texts.h"
#include "harness/history/report/report.h"
#include "harness/page/compact_json.h"
#include "harness/page/page.h"

namespace kernelgate::history {
namespace {

/// Of a page in all, so that thousands of cases stay a file that opens at once; each case has at least its last nights.
constexpr std::size_t most_points = 300'000, fewest_nights = 40;

struct PageEvent {
  std::size_t at = 0;
  bool judged = false;
  std::string what, change, where;
};

/// One case, its segments end to end.
struct PageLine {
  std::vector<const Night*> nights;
  std::vector<double> drift_s;  ///< NaN where there is none
  struct Level {
    std::size_t from, to;
    double level_s, sd;
  };
  std::vector<Level> levels;
  std::vector<PageEvent> events;
  bool drifting = false;
};

std::string where_of(const Night& before, const Night& after, const LocatedStep& step) {
  return fmt::format("after {}, commit {} -> {}, driver {} -> {}{}", before.night, before.commit, after.commit,
                     identity_field(*before.environment, "driver"), identity_field(*after.environment, "driver"),
                     step.attribution.empty() ? "" : ", " + step.attribution);
}

void add_events(std::vector<PageEvent>& events, const Segment& segment, const SegmentAnalysis& analysis,
                std::size_t first) {
  const std::vector<Night>& nights = segment.nights;
  for (const std::string& change : segment.changes) events.push_back({first, false, change, "", "a new segment"});
  for (const LocatedStep& step : analysis.steps)
    events.push_back({first + step.at, true, step.ratio > 1 ? "step, slower" : "step, faster",
                      show_change(step.ratio, 2), where_of(nights[step.at - 1], nights[step.at], step)});
  if (analysis.drift)
    events.push_back({first + nights.size() - 1, true, analysis.drift->change > 0 ? "drift, slower" : "drift, faster",
                      show_change(analysis.last_s / analysis.anchor_s, 2),
                      fmt::format("{:+.3f} % a night since the anchor, the first {} nights",
                                  100 * std::expm1(analysis.drift->per_night), anchor_nights)});
}

PageLine line_of(const Series& series, const SeriesAnalysis& analysis) {
  PageLine line;
  for (std::size_t j = 0; j < series.segments.size(); ++j) {
    const Segment& segment = series.segments[j];
    const SegmentAnalysis& found = analysis.segments[j];
    const std::size_t first = line.nights.size();
    add_events(line.events, segment, found, first);
    for (std::size_t t = 0; t < segment.nights.size(); ++t) {
      line.nights.push_back(&segment.nights[t]);
      line.drift_s.push_back(found.drift ? segment.nights[t].median_s() * std::exp(-found.residuals[t]) : NAN);
    }
    line.drifting = line.drifting || found.drift.has_value();
    std::size_t from = 0;
    for (std::size_t piece = 0; piece < found.levels_s.size(); ++piece) {
      const std::size_t to = piece < found.steps.size() ? found.steps[piece].at : segment.nights.size();
      line.levels.push_back({first + from, first + to - 1, found.levels_s[piece], found.night_sd});
      from = to;
    }
  }
  for (const JoinedChange& joined : series.joined) {
    const auto at = std::ranges::find(line.nights, joined.night, [](const Night* night) { return night->night; });
    for (const std::string& change : joined.changes)
      line.events.push_back({static_cast<std::size_t>(std::min(at - line.nights.begin(), std::ssize(line.nights) - 1)),
                             false, change, "", "declared, joined across"});
  }
  return line;
}

void keep_last(PageLine& line, std::size_t most) {
  if (line.nights.size() <= most) return;
  const std::size_t cut = line.nights.size() - most;
  line.nights.erase(line.nights.begin(), line.nights.begin() + static_cast<std::ptrdiff_t>(cut));
  line.drift_s.erase(line.drift_s.begin(), line.drift_s.begin() + static_cast<std::ptrdiff_t>(cut));
  std::erase_if(line.levels, [&](const auto& level) { return level.to < cut; });
  std::erase_if(line.events, [&](const PageEvent& event) { return event.at < cut; });
  for (auto& level : line.levels) {
    level.from = level.from < cut ? 0 : level.from - cut;
    level.to -= cut;
  }
  for (PageEvent& event : line.events) event.at -= cut;
}

template <class Of>
void add_shares(CompactJson& out, const PageLine& line, double scale, const Of& of) {
  out.open('[');
  for (std::size_t i = 0; i < line.nights.size(); ++i) out.share(of(i), scale);
  out.close(']');
}

void add_line(CompactJson& out, const PageLine& line, double scale, WordTable& nights) {
  out.open('[');
  for (const Night* night : line.nights)
    out.whole(static_cast<long long>(nights.number_of(night->night + "|" + night->commit)));
  out.close(']');
  add_shares(out, line, scale, [&](std::size_t i) { return line.nights[i]->median_s(); });
  add_shares(out, line, scale, [&](std::size_t i) { return std::ranges::min(line.nights[i]->run_medians_s); });
  add_shares(out, line, scale, [&](std::size_t i) { return std::ranges::max(line.nights[i]->run_medians_s); });
  out.open('[');
  for (const auto& level : line.levels) {
    out.open('[');
    out.whole(static_cast<long long>(level.from));
    out.whole(static_cast<long long>(level.to));
    out.share(level.level_s, scale);
    out.number(std::round(level.sd * 1e6) / 1e6);
    out.close(']');
  }
  out.close(']');
  if (line.drifting)
    add_shares(out, line, scale, [&](std::size_t i) { return line.drift_s[i]; });
  else
    out.null();
  out.open('[');
  for (const PageEvent& event : line.events) {
    out.open('[');
    out.whole(static_cast<long long>(event.at));
    out.whole(event.judged ? 1 : 0);
    for (const std::string* text : {&event.what, &event.change, &event.where}) out.text(one_line(*text));
    out.close(']');
  }
  out.close(']');
}

void add_series(CompactJson& out, const History& history) {
  const std::size_t most = std::max(fewest_nights, most_points / std::max<std::size_t>(history.series.size(), 1));
  WordTable nights, devices;
  out.key("columns");
  out.texts({"name", "device", "word", "ratio", "since", "last_s", "last_over_best", "night_sd", "scale_s", "nights",
             "median", "low", "high", "levels", "drift", "events"});
  out.key("series");
  out.open('[');
  for (std::size_t i = 0; i < history.series.size(); ++i) {
    const Series& series = history.series[i];
    const Standing standing = standing_of(series, history.analyses[i]);
    PageLine line = line_of(series, history.analyses[i]);
    keep_last(line, most);
    const double last_s = line.nights.back()->median_s();
    out.open('[');
    out.text(one_line(series.name));
    out.whole(static_cast<long long>(devices.number_of(one_line(series.device))));
    out.text(standing.word);
    out.number(standing.ratio);
    out.text(standing.since);
    out.number(last_s);
    out.number(history.analyses[i].last_over_best);
    out.number(history.analyses[i].segments.back().night_sd);
    out.number(last_s);
    add_line(out, line, last_s, nights);
    out.close(']');
  }
  out.close(']');
  out.key("nights");
  out.texts(nights.words());
  out.key("devices");
  out.texts(devices.words());
}

/// Each with the case to look at: [night, what, name].
void add_suite_events(CompactJson& out, const History& history, bool several_devices) {
  out.key("events");
  out.open('[');
  for (const Event& event : events_of(history)) {
    const auto add = [&](const StepAt& one, const std::string& text) {
      out.texts({one.after().night, one_line(text),
                 one_line(several_devices ? fmt::format("{} ({})", one.series->name, one.series->device)
                                          : one.series->name)});
    };
    if (event.steps.size() >= fewest_in_event)
      add(event.typical(),
          fmt::format("{} of {} cases stepped ({} slower), by {} in the middle, most of all {}{}", event.steps.size(),
                      event.cases, event.slower, show_change(event.median_ratio, 2), event.typical().series->name,
                      event.suite ? ": most of the suite, so look at the machine first" : ""));
    else
      for (const StepAt& one : event.steps)
        add(one, fmt::format("{} {} {}", one.step.ratio > 1 ? "SLOWER" : "FASTER", show_change(one.step.ratio, 2),
                             one.series->name));
  }
  out.close(']');
}

/// "SLOWER", and "12 series: 4 SLOWER, 8 STEADY".
void set_verdict(Page& page, const History& history) {
  std::map<std::string, std::size_t> counts;
  for (std::size_t i = 0; i < history.series.size(); ++i)
    ++counts[standing_of(history.series[i], history.analyses[i]).word];
  std::vector<std::string> texts;
  for (const char* word : {"SLOWER", "DRIFT_SLOWER", "POSSIBLE", "FASTER", "DRIFT_FASTER", "STEADY", "SHORT"})
    if (counts.contains(word)) texts.push_back(fmt::format("{} {}", counts.at(word), word));
  const bool slower = counts.contains("SLOWER") || counts.contains("DRIFT_SLOWER");
  page.tone = slower ? Tone::bad : counts.contains("STEADY") ? Tone::good : Tone::none;
  page.word = slower ? "SLOWER" : counts.contains("STEADY") ? "STEADY" : "HISTORY";
  page.headline = fmt::format("{} series: {}", history.series.size(), fmt::join(texts, ", "));
}

}  // namespace

std::string to_html(const History& history) {
  Page page;
  page.kind = "kernelgate history";
  page.title = "kernelgate history";
  set_verdict(page, history);
  page.lines = {fmt::format("{} documents; steps and drifts at {:g} %, threshold {:g} %.", history.found.documents,
                            100 * history.options.alpha, 100 * history.options.threshold),
                "How a case stands is said since its last step; a history informs, compare decides."};
  page.without_script = "The same as text: kernelgate history --all.";
  page.footer = "kernelgate history";
  page.body = history_texts::history_body;
  const InlineText scripts[] = {history_texts::history_script};
  page.scripts = scripts;
  const bool several = std::ranges::any_of(
      history.series, [&](const Series& series) { return series.device != history.series.front().device; });
  CompactJson out;
  out.open('{');
  add_series(out, history);
  add_suite_events(out, history, several);
  out.close('}');
  page.data = out.take();
  return page_text(page);
}

}  // namespace kernelgate::history

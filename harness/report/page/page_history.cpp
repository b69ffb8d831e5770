// How each case was on earlier nights: levels, the band within which nights scatter, and what happened when.

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "harness/base/quantity.h"
#include "harness/base/utc_time.h"
#include "harness/history/report/report.h"
#include "harness/report/page/page_data.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

/// Points of a page in all, so that thousands of cases stay a file that opens at once; each has at least the last
/// month.
constexpr std::size_t most_points = 300'000, fewest_nights = 30, most_nights = 365;

/// One case on earlier nights.
struct NightLine {
  struct Level {
    std::size_t from = 0, to = 0;  ///< nights, the last one included
    double level_s = 0, sd = 0;    ///< sd of log time about it
  };
  struct Event {
    std::size_t at = 0;
    bool judged = false;  ///< a step or drift; else a change of the environment
    std::string text;
  };
  std::vector<std::pair<std::string, std::string>> nights;  ///< with its commit
  std::vector<double> medians_s;
  std::vector<Level> levels;
  std::vector<Event> events;
};

void take_segment(NightLine& line, const history::Segment& segment, const history::SegmentAnalysis& found) {
  const std::size_t first = line.nights.size();
  for (const std::string& change : segment.changes) line.events.push_back({first, false, change});
  for (const history::Night& night : segment.nights) {
    line.nights.emplace_back(night.night, night.commit);
    line.medians_s.push_back(night.median_s());
  }
  std::size_t from = 0;
  for (std::size_t piece = 0; piece < found.levels_s.size(); ++piece) {
    const std::size_t to = piece < found.steps.size() ? found.steps[piece].at : segment.nights.size();
    line.levels.push_back({first + from, first + to - 1, found.levels_s[piece], found.night_sd});
    from = to;
  }
  for (const history::LocatedStep& step : found.steps)
    line.events.push_back({first + step.at, true, "step " + show_change(step.ratio)});
  if (found.drift)
    line.events.push_back({line.nights.size() - 1, true, "drift " + show_change(found.last_s / found.anchor_s)});
}

NightLine night_line(const history::Series& series, const history::SeriesAnalysis& analysis) {
  NightLine line;
  for (std::size_t i = 0; i < series.segments.size(); ++i) take_segment(line, series.segments[i], analysis.segments[i]);
  return line;
}

/// A baseline's own nights: what is compared with is one level, and its nights scatter about it.
NightLine night_line(const SideCase& base) {
  std::map<std::string, std::vector<double>> nights;
  for (const RunSummary& run : base.runs)
    if (!run.night.empty()) nights[run.night].push_back(run.median_s);
  NightLine line;
  std::vector<double> logs;
  for (const auto& [night, medians] : nights) {
    line.nights.emplace_back(night, "");
    line.medians_s.push_back(median(medians));
    logs.push_back(std::log(line.medians_s.back()));
  }
  if (logs.size() > 1) line.levels.push_back({0, logs.size() - 1, median(line.medians_s), summarize(logs).stddev});
  return line;
}

void keep_last(NightLine& line, std::size_t most) {
  if (line.nights.size() <= most) return;
  const std::size_t cut = line.nights.size() - most;
  line.nights.erase(line.nights.begin(), line.nights.begin() + static_cast<std::ptrdiff_t>(cut));
  line.medians_s.erase(line.medians_s.begin(), line.medians_s.begin() + static_cast<std::ptrdiff_t>(cut));
  std::erase_if(line.levels, [&](const NightLine::Level& level) { return level.to < cut; });
  std::erase_if(line.events, [&](const NightLine::Event& event) { return event.at < cut; });
  for (NightLine::Level& level : line.levels) {
    level.from = level.from < cut ? 0 : level.from - cut;
    level.to -= cut;
  }
  for (NightLine::Event& event : line.events) event.at -= cut;
}

void add_line(CompactJson& out, const NightLine& line, WordTable& nights, bool ends_with_this) {
  const double scale = median(line.medians_s);
  out.open('[');
  out.number(scale);
  out.open('[');
  for (const auto& [night, commit] : line.nights)
    out.whole(static_cast<long long>(nights.number_of(night + "|" + commit)));
  out.close(']');
  out.open('[');
  for (double one : line.medians_s) out.share(one, scale);
  out.close(']');
  out.open('[');
  for (const NightLine::Level& level : line.levels) {
    out.open('[');
    out.whole(static_cast<long long>(level.from));
    out.whole(static_cast<long long>(level.to));
    out.share(level.level_s, scale);
    out.number(std::round(level.sd * 1e6) / 1e6);
    out.close(']');
  }
  out.close(']');
  out.open('[');
  for (const NightLine::Event& event : line.events) {
    out.open('[');
    out.whole(static_cast<long long>(event.at));
    out.whole(event.judged ? 1 : 0);
    out.text(event.text);
    out.close(']');
  }
  out.close(']');
  out.whole(ends_with_this ? 1 : 0);
  out.close(']');
}

/// The series of each case: of this device; where it has none, the only one of that name.
std::unordered_map<std::string, std::size_t> series_of(const history::History& history, const std::string& device) {
  std::unordered_map<std::string, std::size_t> found;
  std::unordered_map<std::string, int> times;
  for (std::size_t i = 0; i < history.series.size(); ++i) {
    ++times[history.series[i].name];
    if (history.series[i].device == device || !found.contains(history.series[i].name))
      found[history.series[i].name] = i;
  }
  std::erase_if(found,
                [&](const auto& one) { return history.series[one.second].device != device && times[one.first] > 1; });
  return found;
}

}  // namespace

void add_histories(CompactJson& out, const Report& report, const std::vector<CaseRow>& rows) {
  const history::History* const history = report.sources.history;
  const Result* const measured = report.measured();
  const std::string device = measured != nullptr               ? measured->device
                             : report.sources.fresh != nullptr ? report.sources.fresh->device
                                                               : "";
  const std::string started = measured != nullptr ? measured->started_utc : "", tonight = night_of(started);
  const auto series = history != nullptr ? series_of(*history, device) : std::unordered_map<std::string, std::size_t>{};
  const std::size_t most = std::clamp(most_points / std::max<std::size_t>(rows.size(), 1), fewest_nights, most_nights);
  WordTable nights;
  out.key("histories");
  out.open('[');
  for (const CaseRow& row : rows) {
    NightLine line;
    if (const auto at = series.find(row.name); at != series.end())
      line = night_line(history->series[at->second], history->analyses[at->second]);
    else if (history == nullptr && row.base != nullptr)
      line = night_line(*row.base);
    if (line.nights.size() < 2) {
      out.null();
      continue;
    }
    const bool later = row.median_s && !tonight.empty() && line.nights.back().first < tonight;
    if (later) {
      line.nights.emplace_back(tonight, "");
      line.medians_s.push_back(*row.median_s);
    }
    keep_last(line, most);
    add_line(out, line, nights, later);
  }
  out.close(']');
  out.key("nights");
  out.texts(nights.words());
}

}  // namespace kernelgate

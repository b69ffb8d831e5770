// The history as a page of plots that needs no network.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/quantity.h"
#include "harness/history/report/page_texts.h"
#include "harness/history/report/report.h"

namespace kernelgate::history {
namespace {

using nlohmann::json;

/// Six significant digits: a plot shows no more, and a year of 500 cases stays small.
json shown(double value) { return json(std::stod(fmt::format("{:.6g}", value))); }

json event(const std::string& night, std::size_t index, bool judged, std::string what, std::string change,
           std::string where) {
  return {{"night", night},
          {"index", index},
          {"judged", judged},
          {"what", std::move(what)},
          {"change", std::move(change)},
          {"where", std::move(where)}};
}

std::string where_of(const Night& before, const Night& after, const LocatedStep& step) {
  return fmt::format("after {}, commit {} -> {}, driver {} -> {}{}", before.night, before.commit, after.commit,
                     identity_field(*before.environment, "driver"), identity_field(*after.environment, "driver"),
                     step.attribution.empty() ? "" : ", " + step.attribution);
}

void add_events(std::vector<json>& events, const Segment& segment, const SegmentAnalysis& analysis, std::size_t first) {
  const std::vector<Night>& nights = segment.nights;
  if (!segment.changes.empty())
    for (const std::string& change : segment.changes)
      events.push_back(event(nights.front().night, first, false, change, "", "a new segment"));
  for (const LocatedStep& step : analysis.steps)
    events.push_back(event(nights[step.at].night, first + step.at, true,
                           step.ratio > 1 ? "step, slower" : "step, faster", show_change(step.ratio, 2),
                           where_of(nights[step.at - 1], nights[step.at], step)));
  if (analysis.drift)
    events.push_back(event(nights.back().night, first + nights.size() - 1, true,
                           analysis.drift->change > 0 ? "drift, slower" : "drift, faster",
                           show_change(analysis.last_s / analysis.anchor_s, 2),
                           fmt::format("{:+.3f} % a night since the anchor, the first {} nights",
                                       100 * std::expm1(analysis.drift->per_night), anchor_nights)));
}

/// One case: an array of each kind, by night.
json series_data(const Series& series, const SeriesAnalysis& analysis) {
  json nights = json::array(), medians = json::array(), low = json::array(), high = json::array(),
       commits = json::array(), levels = json::array(), pieces = json::array(), drifts = json::array();
  std::vector<json> events;
  bool drifting = false;
  int piece = 0;
  for (std::size_t j = 0; j < series.segments.size(); ++j, ++piece) {
    const Segment& segment = series.segments[j];
    const SegmentAnalysis& found = analysis.segments[j];
    add_events(events, segment, found, nights.size());
    std::size_t step = 0;
    for (std::size_t t = 0; t < segment.nights.size(); ++t) {
      if (step < found.steps.size() && found.steps[step].at == t) {
        ++step;
        ++piece;
      }
      const Night& night = segment.nights[t];
      nights.push_back(night.night);
      medians.push_back(shown(night.median_s()));
      low.push_back(shown(*std::ranges::min_element(night.run_medians_s)));
      high.push_back(shown(*std::ranges::max_element(night.run_medians_s)));
      commits.push_back(night.commit);
      levels.push_back(shown(found.levels_s[step]));
      pieces.push_back(piece);
      drifts.push_back(found.drift ? shown(night.median_s() * std::exp(-found.residuals[t])) : json());
      drifting = drifting || found.drift.has_value();
    }
  }
  for (const JoinedChange& joined : series.joined) {
    const auto index =
        static_cast<std::size_t>(std::find(nights.begin(), nights.end(), json(joined.night)) - nights.begin());
    for (const std::string& change : joined.changes)
      events.push_back(event(joined.night, index, false, change, "", "declared, joined across"));
  }
  std::ranges::stable_sort(events, {}, [](const json& one) { return one.at("index").get<std::size_t>(); });
  return {{"name", series.name}, {"device", series.device},
          {"night", nights},     {"median", medians},
          {"low", low},          {"high", high},
          {"commit", commits},   {"level", levels},
          {"piece", pieces},     {"drift", drifting ? drifts : json()},
          {"events", events}};
}

/// Text that can't end the script that it is in.
std::string within_script(std::string text) {
  for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos;) text.replace(at, 1, "\\u003c");
  return text;
}

std::string replaced(const std::string& text, const std::string& mark, std::string_view with) {
  const std::size_t at = text.find(mark);
  return text.substr(0, at) + std::string(with) + text.substr(at + mark.size());
}

}  // namespace

std::string to_html(const History& history) {
  if (chart_library.empty())
    throw HarnessError(ExitCode::usage,
                       "--html: this program was built without the chart library; install libjs-chart.js "
                       "(scripts/setup does), build again, or use --json");
  json all = json::array();
  for (std::size_t i = 0; i < history.series.size(); ++i)
    all.push_back(series_data(history.series[i], history.analyses[i]));
  // Nights sort as their dates do: the latest event has the greatest rank.
  for (json& series : all)
    for (json& one : series["events"]) {
      std::string digits = one.at("night").get<std::string>();
      std::erase(digits, '-');
      one["rank"] = digits.empty() ? 0 : std::stol(digits);
    }
  const json data = {{"summary", fmt::format("{} documents, {} cases; steps and drifts at {:g} %, threshold {:g} %",
                                             history.found.documents, history.series.size(),
                                             100 * history.options.alpha, 100 * history.options.threshold)},
                     {"series", all}};
  // The data last: a case's name may look like a mark.
  std::string page = replaced(std::string(page_html), "@CHART@", chart_library);
  page = replaced(page, "@SCRIPT@", page_script);
  return replaced(page, "@DATA@", within_script(data.dump(-1, ' ', false, json::error_handler_t::replace)));
}

}  // namespace kernelgate::history

// The history for programs; docs/history.schema.json.

#include <algorithm>
#include <cmath>

#include "harness/history/report/events.h"
#include "harness/history/report/report.h"

namespace kernelgate::history {
namespace {

using nlohmann::json;

json optional_json(const std::optional<double>& value) { return value ? json(*value) : json(); }

json step_json(const Segment& segment, const LocatedStep& step) {
  const Night &before = segment.nights[step.at - 1], &after = segment.nights[step.at];
  return {{"night", after.night},
          {"night_before", before.night},
          {"index", step.at},
          {"ratio", step.ratio},
          {"direction", step.ratio > 1 ? "slower" : "faster"},
          {"before_s", step.before_s},
          {"after_s", step.after_s},
          {"p", step.p},
          {"cycles_ratio", optional_json(step.cycles_ratio)},
          {"attribution", step.attribution.empty() ? json() : json(step.attribution)},
          {"commit_before", before.commit},
          {"commit", after.commit},
          {"code_hash_before", before.code_hash},
          {"code_hash", after.code_hash},
          {"driver_before", identity_field(*before.environment, "driver")},
          {"driver", identity_field(*after.environment, "driver")}};
}

json drift_json(const SegmentAnalysis& analysis) {
  const std::optional<Drift>& drift = analysis.drift;
  if (!drift) return nullptr;
  return {{"p", drift->p},
          {"per_night", std::expm1(drift->per_night)},
          {"ratio", analysis.last_s / analysis.anchor_s},
          {"anchor_s", analysis.anchor_s},
          {"last_s", analysis.last_s},
          {"direction", drift->change > 0 ? "slower" : "faster"},
          {"anchor_nights", anchor_nights}};
}

json nights_json(const Segment& segment) {
  json nights = json::array();
  for (const Night& night : segment.nights) {
    const auto [low, high] = std::ranges::minmax(night.run_medians_s);
    nights.push_back({{"night", night.night},
                      {"median_s", night.median_s()},
                      {"min_s", low},
                      {"max_s", high},
                      {"runs", night.run_medians_s.size()},
                      {"clock_hz", optional_json(night.clock_hz)},
                      {"commit", night.commit},
                      {"dirty", night.dirty},
                      {"code_hash", night.code_hash}});
  }
  return nights;
}

json possible_json(const Segment& segment, const SegmentAnalysis& analysis) {
  if (!analysis.possible_p) return nullptr;
  return {{"night", segment.nights[analysis.possible_at].night},
          {"index", analysis.possible_at},
          {"ratio", analysis.possible_ratio},
          {"p", *analysis.possible_p}};
}

json segment_json(const Segment& segment, const SegmentAnalysis& analysis) {
  json steps = json::array();
  for (const LocatedStep& step : analysis.steps) steps.push_back(step_json(segment, step));
  return {{"changes", segment.changes},
          {"nights", nights_json(segment)},
          {"steps", steps},
          {"levels_s", analysis.levels_s},
          {"drift", drift_json(analysis)},
          {"possible_step", possible_json(segment, analysis)},
          {"lag1_correlation", analysis.phi},
          {"night_sd", analysis.night_sd},
          {"run_sd", analysis.run_sd},
          {"nights_scatter", analysis.nights_scatter}};
}

json series_json(const Series& series, const SeriesAnalysis& analysis) {
  json segments = json::array(), joined = json::array();
  const Standing standing = standing_of(series, analysis);
  for (std::size_t j = 0; j < series.segments.size(); ++j)
    segments.push_back(segment_json(series.segments[j], analysis.segments[j]));
  for (const JoinedChange& change : series.joined)
    joined.push_back({{"night", change.night}, {"changes", change.changes}});
  return {{"device", series.device},
          {"device_kind", series.device_kind},
          {"case", series.name},
          {"verdict", standing.word},
          {"verdict_ratio", standing.ratio},
          {"verdict_since", standing.since.empty() ? json() : json(standing.since)},
          {"last_over_anchor", analysis.last_over_anchor},
          {"last_over_best", analysis.last_over_best},
          {"joined", joined},
          {"segments", segments}};
}

json event_json(const Event& event) {
  const Night &before = event.typical().before(), &after = event.typical().after();
  json cases = json::array();
  for (const StepAt& one : event.steps) cases.push_back(one.series->name);
  return {{"night", after.night},
          {"device", event.typical().series->device},
          {"cases", cases},
          {"of_cases", event.cases},
          {"slower", event.slower},
          {"median_ratio", event.median_ratio},
          {"suite", event.suite},
          {"commit_before", before.commit},
          {"commit", after.commit},
          {"driver_before", identity_field(*before.environment, "driver")},
          {"driver", identity_field(*after.environment, "driver")}};
}

}  // namespace

json to_json(const History& history) {
  json all = json::array(), events = json::array();
  for (const Event& event : events_of(history))
    if (event.steps.size() >= fewest_in_event) events.push_back(event_json(event));
  for (std::size_t i = 0; i < history.series.size(); ++i)
    all.push_back(series_json(history.series[i], history.analyses[i]));
  const LeftOut& left = history.left_out;
  return {{"schema_version", history_schema_version},
          {"threshold", history.options.threshold},
          {"alpha", history.options.alpha},
          {"possible_rate", history.options.possible_rate},
          {"documents", history.found.documents},
          {"duplicates", history.found.duplicates},
          {"foreign_files", history.found.foreign},
          {"unusable_files", history.found.unusable},
          {"left_out",
           {{"injected_cases", left.injected},
            {"wrong_cases", left.wrong},
            {"invalid_cases", left.invalid},
            {"skipped_cases", left.skipped},
            {"interrupted_documents", left.interrupted},
            {"undated_documents", left.undated}}},
          {"events", events},
          {"series", all}};
}

}  // namespace kernelgate::history

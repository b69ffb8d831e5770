#include "harness/history/report/events.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include "harness/base/utc_time.h"
#include "harness/statistics/statistics.h"

namespace kernelgate::history {
namespace {

/// Most of a suite: the share of its cases that step in one night.
constexpr double suite_share = 0.5;

/// Cases that were measured on both sides of a night.
std::size_t cases_about(const History& history, const std::string& device, const std::string& night) {
  return static_cast<std::size_t>(std::ranges::count_if(history.series, [&](const Series& series) {
    return series.device == device && std::ranges::any_of(series.segments, [&](const Segment& segment) {
             return segment.nights.front().night < night && night <= segment.nights.back().night;
           });
  }));
}

bool beside(const std::string& night, const std::string& other) {
  constexpr const char* noon = "T12:00:00Z";
  return std::abs(days_between(night + noon, other + noon).value_or(2)) <= 1;
}

Event finished_event(const History& history, std::vector<StepAt> steps) {
  Event event;
  std::ranges::stable_sort(steps, std::greater{},
                           [](const StepAt& one) { return std::fabs(std::log(one.step.ratio)); });
  std::vector<double> changes;
  for (const StepAt& one : steps) {
    changes.push_back(std::log(one.step.ratio));
    event.slower += one.step.ratio > 1 ? 1 : 0;
  }
  event.median_ratio = std::exp(median(changes));
  event.cases = cases_about(history, steps.front().series->device, steps.front().after().night);
  event.suite = steps.size() >= fewest_in_event &&
                static_cast<double>(steps.size()) >= suite_share * static_cast<double>(event.cases);
  event.steps = std::move(steps);
  return event;
}

}  // namespace

std::vector<Event> events_of(const History& history) {
  std::map<std::pair<std::string, std::string>, std::vector<StepAt>> nights;
  for (const StepAt& one : confirmed_steps(history)) nights[{one.series->device, one.after().night}].push_back(one);
  // A night with many takes those beside it, the fullest first.
  std::vector<std::pair<std::string, std::string>> order;
  for (const auto& [key, steps] : nights) order.push_back(key);
  std::ranges::stable_sort(order, std::greater{}, [&](const auto& key) { return nights.at(key).size(); });
  std::vector<Event> events;
  for (const auto& key : order) {
    std::vector<StepAt> steps = std::move(nights.at(key));
    nights.at(key).clear();
    if (steps.empty()) continue;
    if (steps.size() >= fewest_in_event)
      for (auto& [other, more] : nights)
        if (other.first == key.first && beside(key.second, other.second)) {
          steps.insert(steps.end(), more.begin(), more.end());
          more.clear();
        }
    events.push_back(finished_event(history, std::move(steps)));
  }
  std::ranges::stable_sort(events, std::greater{}, [](const Event& event) { return event.typical().after().night; });
  return events;
}

Standing standing_of(const Series& series, const SeriesAnalysis& analysis) {
  const SegmentAnalysis& last = analysis.segments.back();
  const Segment& segment = series.segments.back();
  Standing standing;
  if (!last.steps.empty()) {
    const LocatedStep& step = last.steps.back();
    standing = {step.ratio > 1 ? "SLOWER" : "FASTER", step.ratio, segment.nights[step.at].night};
  }
  if (last.drift) {
    standing.word = last.drift->change > 0 ? "DRIFT_SLOWER" : "DRIFT_FASTER";
    standing.ratio = last.last_s / last.anchor_s;
  } else if (last.steps.empty() && last.possible_p) {
    standing = {"POSSIBLE", last.possible_ratio, segment.nights[last.possible_at].night};
  } else if (last.steps.empty() && segment.nights.size() < 2 * shortest_level) {
    standing.word = "SHORT";
  }
  return standing;
}

}  // namespace kernelgate::history

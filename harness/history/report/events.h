#pragma once
// What moves together is one event: on which night did many cases step. And one word for each series.

#include <string>
#include <vector>

#include "harness/history/report/report.h"

namespace kernelgate::history {

/// Fewer steps of one device in one night are findings of their own.
inline constexpr std::size_t fewest_in_event = 3;

/// Steps of one device that are in one night, or in the night beside it, which is as near as a place can be told.
struct Event {
  std::vector<StepAt> steps;  ///< the largest first
  std::size_t cases = 0;      ///< of the device, in that night's series
  std::size_t slower = 0;     ///< of the steps
  double median_ratio = 1;
  bool suite = false;  ///< most of the cases: the machine, or the build as a whole

  const StepAt& typical() const { return steps.front(); }
};

/// The latest first. Each confirmed step is in exactly one; one with fewer than `fewest_in_event` steps is no event of
/// the suite, and its steps stand for themselves.
std::vector<Event> events_of(const History& history);

/// How a series stands: "SLOWER", "FASTER" since its last step; "DRIFT_SLOWER", "DRIFT_FASTER"; "POSSIBLE" with an
/// unconfirmed step; "SHORT", too few nights for any; else "STEADY". Of its last segment.
struct Standing {
  const char* word = "STEADY";
  double ratio = 1;   ///< of the last step, or of the drift
  std::string since;  ///< night of the last step; empty: none
};
Standing standing_of(const Series& series, const SeriesAnalysis& analysis);

}  // namespace kernelgate::history

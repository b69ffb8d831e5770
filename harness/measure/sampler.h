#pragma once
// The sampling loop: takes samples of several contestants in turns until each has enough.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "harness/measure/stopwatch.h"

namespace kernelgate {

/// When a contestant has enough samples. It stops at the first that holds: `max_samples`; or the time is
/// spent; or `min_samples` and a median known to `precision`. Never before `min_samples`, unless the
/// wall cap is hit; and never before `fewest_samples`, since a busy machine may spend the cap on less.
///
/// Units  seconds of measured time; wall_cap_s counts everything, flushing and waiting included.
struct SamplingPolicy {
  double warm_up_s = 0.05;
  int fewest_samples = 5;  ///< fewer say nothing of a median
  int min_samples = 10;
  int max_samples = 1000;
  double time_s = 0.5;
  double wall_cap_s = 5;
  double precision = 0.001;  ///< relative half-width of the median's interval
};

/// One implementation under measurement.
struct Contestant {
  TimedWork work;
  double slowdown = 1;  ///< injected
  std::vector<double> samples_s;
  std::vector<double> sm_clock_hz;
  std::vector<double> control_s;  ///< one a turn, right after its samples; empty: the stopwatch has no control
  std::map<std::string, std::int64_t> discarded;
  int launches_per_sample = 1;
};

/// Takes samples of all contestants in interleaved turns, in alternating order (ABBA), so that drift of
/// the machine meets all of them alike. Keeps every sample, and one of the control beside each turn. `turn` is called
/// after each turn with the share done, 0 to 1. Returns false when interrupted; what was taken so far stays.
///
/// Errors  whatever the stopwatch throws.
bool sample(Stopwatch& stopwatch, std::vector<Contestant>& contestants, CacheState state, const SamplingPolicy& policy,
            const std::function<void(double)>& turn);

}  // namespace kernelgate

#pragma once
// The sampling loop: takes samples of several contestants in turns until each has enough.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "harness/measure/sample_check.h"
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
  double precision = 0.001;    ///< relative half-width of the median's interval
  int first_checks = 1;        ///< samples whose output is looked at: so many of the first `fewest_samples`,
  double check_share = 0.003;  ///< such a part of those after `min_samples`, and one at the end
  double looks_share = 0.01;   ///< of the wall time so far: looks that took more let later ones wait
  std::uint64_t secret = 0;    ///< draws which ones; nobody that is measured may know it
};

/// One implementation under measurement.
struct Contestant {
  TimedWork work;
  double slowdown = 1;           ///< injected
  SampleCheck* check = nullptr;  ///< null: its outputs are not looked at
  double floor_s = 0;            ///< no device does it in less
  std::vector<double> samples_s;
  std::vector<double> sm_clock_hz;
  std::vector<double> processor_s;  ///< beside each sample; empty: not known
  std::int64_t preempted = 0;       ///< samples during which somebody else had a core that this process wanted
  std::vector<double> control_s;    ///< one a turn, right after its samples; empty: the stopwatch has no control
  std::map<std::string, std::int64_t> discarded;
  int launches_per_sample = 1;

  std::vector<double> checked_s;  ///< of the samples with new inputs, whose output was looked at
  std::vector<double>
      unchanged_s;                ///< taken likewise, but with the old inputs once more; only where there is suspicion
  std::vector<double> single_s;   ///< taken between those of `doubled_s`, only where there is suspicion
  std::vector<double> doubled_s;  ///< of one launch, in regions of twice as many; hot only
  std::vector<double> late_s;     ///< how long the device worked on after each sample
  std::string wrong;              ///< what a check found; it is sampled no more
  std::string left_running;       ///< what went on after its turn
};

/// Takes samples of all contestants in interleaved turns, in alternating order (ABBA), so that drift of
/// the machine meets all of them alike. Keeps every sample, and one of the control beside each turn. `turn` is called
/// after each turn with the share done, 0 to 1. Returns false when interrupted; what was taken so far stays.
///
/// Some samples, drawn by the policy's secret, are taken with new inputs, and their outputs are looked at: a work can't
/// know which.
///
/// Errors  whatever the stopwatch throws.
bool sample(Stopwatch& stopwatch, std::vector<Contestant>& contestants, CacheState state, const SamplingPolicy& policy,
            const std::function<void(double)>& turn);

}  // namespace kernelgate

#include "harness/measure/honest_time.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

// In a region as long as this one what comes once, the timer's calls and the first launch's cold branches, is no third.
constexpr double longest_overhead_s = 1e-5;

std::string time_text(double seconds) {
  return seconds < 1e-3 ? fmt::format("{:.3g} us", seconds * 1e6) : fmt::format("{:.3g} ms", seconds * 1e3);
}

}  // namespace

bool slower_when_new(const Contestant& contestant) {
  if (contestant.checked_s.empty() || contestant.samples_s.empty()) return false;
  const double fastest_s = std::ranges::min(contestant.checked_s);
  return fastest_s > 1.5 * summarize(contestant.samples_s).q3 &&
         (contestant.unchanged_s.empty() || fastest_s > 1.5 * std::ranges::max(contestant.unchanged_s));
}

bool quicker_when_doubled(const Contestant& contestant) {
  if (contestant.doubled_s.empty() || contestant.samples_s.empty()) return false;
  double fastest_s = std::ranges::min(contestant.samples_s);
  for (const double single_s : contestant.single_s) fastest_s = std::min(fastest_s, single_s);
  return fastest_s * contestant.launches_per_sample >= longest_overhead_s &&
         std::ranges::max(contestant.doubled_s) < 0.7 * fastest_s;
}

bool too_short(const Contestant& contestant, double shortest_region_s) {
  return !contestant.samples_s.empty() &&
         median(contestant.samples_s) * contestant.launches_per_sample < 0.25 * shortest_region_s;
}

std::string why_no_time(const Contestant& contestant, double shortest_region_s) {
  if (contestant.samples_s.empty()) return "";
  const Summary samples = summarize(contestant.samples_s);
  const double region_s = samples.median * contestant.launches_per_sample;
  if (!contestant.late_s.empty())
    if (const double late_s = median(contestant.late_s); late_s > std::max(5e-6, 0.2 * region_s))
      return fmt::format("its time is not all of its work: the device worked on for {} after the timed {} had ended",
                         time_text(late_s), time_text(region_s));
  if (contestant.unchanged_s.size() >= enough_pairs && slower_when_new(contestant))
    return fmt::format(
        "its time is of inputs that it has seen before: with new ones it takes {}, else {}; something is kept from "
        "one launch to the next",
        time_text(median(contestant.checked_s)), time_text(median(contestant.unchanged_s)));
  if (contestant.single_s.size() >= enough_pairs && quicker_when_doubled(contestant))
    return fmt::format("not every launch does its work: {} launches in a row take {}, and twice as many {}",
                       contestant.launches_per_sample, time_text(samples.min * contestant.launches_per_sample),
                       time_text(2 * median(contestant.doubled_s) * contestant.launches_per_sample));
  if (too_short(contestant, shortest_region_s))
    return fmt::format(
        "too short for the timer: a region of {} launches took {}, and was longer each time when it was warmed up",
        contestant.launches_per_sample, time_text(region_s));
  if (samples.median < contestant.floor_s)
    return fmt::format("impossible: {} for a launch; at its peak rates this device takes {} for a quarter of the work",
                       time_text(samples.median), time_text(contestant.floor_s));
  return "";
}

double floor_s(double flop, double bytes, double flop_per_s, double bytes_per_s, CacheState state) {
  constexpr double share = 0.25;
  const double computing_s = flop_per_s > 0 ? flop / flop_per_s : 0;
  const double reading_s = bytes_per_s > 0 && state == CacheState::cold ? bytes / bytes_per_s : 0;
  return share * std::max(computing_s, reading_s);
}

}  // namespace kernelgate

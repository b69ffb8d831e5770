#include "harness/measure/telemetry/summarize_region.h"

#include <algorithm>
#include <numeric>

#include "harness/base/json/fact_json.h"
#include "harness/measure/telemetry/judge_region.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

template <class T>
Fact<T> grown(const Fact<T>& before, const Fact<T>& after) {
  if (!before.value) return before;
  if (!after.value) return after;
  return {*after.value - *before.value, ""};
}

/// What the samples know of one figure; `why_not` when they know nothing.
template <class T>
std::vector<T> known(const std::vector<GpuState>& samples, Fact<T> GpuState::*member, std::string& why_not) {
  std::vector<T> values;
  why_not = samples.empty() ? "the region ended before the first reading" : "";
  for (const GpuState& sample : samples) {
    if ((sample.*member).value)
      values.push_back(*(sample.*member).value);
    else
      why_not = (sample.*member).reason;
  }
  return values;
}

Fact<double> mean_power(const GpuRegion& region, const Fact<double>& energy_j, const std::vector<double>& powers_w) {
  if (energy_j.value && region.seconds > 0) return {*energy_j.value / region.seconds, ""};
  if (powers_w.empty()) return missing<double>(energy_j.reason);
  return {std::accumulate(powers_w.begin(), powers_w.end(), 0.0) / static_cast<double>(powers_w.size()), ""};
}

void summarize_clock(const std::vector<GpuState>& samples, Fact<double> GpuState::*member, Fact<double>& least,
                     Fact<double>& middle, Fact<double>& most) {
  std::string why_not;
  const std::vector<double> clocks = known(samples, member, why_not);
  least = middle = most = missing<double>(why_not);
  if (clocks.empty()) return;
  least = {*std::ranges::min_element(clocks), ""};
  middle = {median(clocks), ""};
  most = {*std::ranges::max_element(clocks), ""};
}

}  // namespace

RegionTelemetry summarize_region(const GpuRegion& region) {
  RegionTelemetry telemetry;
  telemetry.seconds = region.seconds;
  telemetry.samples = static_cast<std::int64_t>(region.samples.size());
  telemetry.energy_j = grown(region.before.energy_j, region.after.energy_j);
  std::string why_not;
  const std::vector<double> powers_w = known(region.samples, &GpuState::power_w, why_not);
  telemetry.power_mean_w = mean_power(region, telemetry.energy_j, powers_w);
  telemetry.power_max_w = missing<double>(why_not);
  if (!powers_w.empty()) telemetry.power_max_w = {*std::ranges::max_element(powers_w), ""};
  telemetry.temperature_start_c = telemetry.temperature_max_c = region.state_before.temperature_c;
  telemetry.temperature_end_c = region.state_after.temperature_c;
  std::vector<std::int64_t> degrees = known(region.samples, &GpuState::temperature_c, why_not);
  for (const GpuState* end : {&region.state_before, &region.state_after})
    if (end->temperature_c.value) degrees.push_back(*end->temperature_c.value);
  if (!degrees.empty()) telemetry.temperature_max_c = {*std::ranges::max_element(degrees), ""};
  summarize_clock(region.samples, &GpuState::sm_clock_hz, telemetry.sm_clock_min_hz, telemetry.sm_clock_median_hz,
                  telemetry.sm_clock_max_hz);
  summarize_clock(region.samples, &GpuState::memory_clock_hz, telemetry.memory_clock_min_hz,
                  telemetry.memory_clock_median_hz, telemetry.memory_clock_max_hz);
  const ThrottleSeconds held = throttled_between(region.before.throttled_s, region.after.throttled_s);
  for (std::size_t i = 0; i < held.size(); ++i) telemetry.throttled_s[throttle_causes[i].key] = held[i];
  const Fact<double>& capped = held[static_cast<std::size_t>(Throttle::power_cap)];
  telemetry.power_capped = missing<bool>(capped.reason);
  if (capped.value) telemetry.power_capped = {*capped.value > 0, ""};
  telemetry.pcie_replays = grown(region.before.pcie_replays, region.after.pcie_replays);
  telemetry.ecc_corrected = grown(region.before.ecc_corrected, region.after.ecc_corrected);
  telemetry.ecc_uncorrected = grown(region.before.ecc_uncorrected, region.after.ecc_uncorrected);
  telemetry.xids = region.xids;
  const Fact<std::vector<unsigned>> appeared = appeared_processes(region);
  telemetry.processes_appeared = missing<std::int64_t>(appeared.reason);
  if (appeared.value) telemetry.processes_appeared = {static_cast<std::int64_t>(appeared.value->size()), ""};
  return telemetry;
}

}  // namespace kernelgate

#include "harness/measure/telemetry/judge_region.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/check/knowledge/xid.h"
#include "harness/check/machine/nvml.h"

namespace kernelgate {
namespace {

void add(std::string& text, const std::string& more) { text += (text.empty() ? "" : "; ") + more; }

std::int64_t grown(const Fact<std::int64_t>& before, const Fact<std::int64_t>& after) {
  return before.value && after.value ? *after.value - *before.value : 0;
}

void judge_throttling(const GpuRegion& region, const RegionPolicy& policy, RegionVerdict& verdict) {
  const ThrottleSeconds held = throttled_between(region.before.throttled_s, region.after.throttled_s);
  for (std::size_t i = 0; i < held.size(); ++i) {
    if (held[i].value.value_or(0) <= 0) continue;
    const Throttle cause = static_cast<Throttle>(i);
    if (cause == Throttle::power_cap) verdict.power_capped = true;
    if (!throttle_causes[i].invalidates || (cause == Throttle::sync_boost && policy.sync_boost_expected)) continue;
    add(verdict.invalid, fmt::format("{} for {:.3g} s", throttle_causes[i].text, *held[i].value));
  }
}

/// Hardware slowdown has no counter of its own. The bit alone may flicker when the clocks change, so that it counts
/// from two samples in a row on.
bool held_by_hardware(const std::vector<GpuState>& samples) {
  const auto held = [](const GpuState& state) {
    return (static_cast<std::uint64_t>(state.clocks_event_reasons.value.value_or(0)) &
            nvml::reason::hardware_slowdown) != 0;
  };
  for (std::size_t i = 1; i < samples.size(); ++i)
    if (held(samples[i - 1]) && held(samples[i])) return true;
  return false;
}

/// The GPU said "idle" in every sample, and drew no more than it had before: the work ran elsewhere.
bool never_engaged(const GpuRegion& region) {
  constexpr std::size_t fewest_samples = 5;  // between short kernels one sample may well meet a pause
  constexpr double as_before = 1.2;
  const auto idle = [](const GpuState& state) {
    return state.clocks_event_reasons.value &&
           (static_cast<std::uint64_t>(*state.clocks_event_reasons.value) & nvml::reason::idle) != 0;
  };
  if (region.samples.size() < fewest_samples || !std::ranges::all_of(region.samples, idle)) return false;
  if (!region.before.energy_j.value || !region.after.energy_j.value) return false;
  const double energy_j = *region.after.energy_j.value - *region.before.energy_j.value;
  const double idle_j = idle(region.state_before) ? region.state_before.power_w.value.value_or(0) * region.seconds : 0;
  return energy_j <= as_before * idle_j;
}

void judge_settings(const GpuRegion& region, RegionVerdict& verdict) {
  const auto changed = [&](const char* what, const Fact<double>& before, const Fact<double>& after, double unit,
                           const char* unit_name) {
    if (before.value && after.value && *before.value != *after.value)
      add(verdict.invalid, fmt::format("somebody set the {} from {:.0f} to {:.0f} {}", what, *before.value / unit,
                                       *after.value / unit, unit_name));
  };
  changed("power limit", region.before.power_limit_w, region.after.power_limit_w, 1, "W");
  changed("SM clock", region.before.application_clock_sm_hz, region.after.application_clock_sm_hz, 1e6, "MHz");
  changed("memory clock", region.before.application_clock_memory_hz, region.after.application_clock_memory_hz, 1e6,
          "MHz");
}

void judge_xids(const GpuRegion& region, RegionVerdict& verdict) {
  for (const std::int64_t number : region.xids.value.value_or(std::vector<std::int64_t>{})) {
    const XidMeaning xid = classify_xid(number);
    if (xid.effect == XidEffect::note) continue;
    const std::string text = xid_text(xid);
    if (xid.effect == XidEffect::fails_case) add(verdict.failed, text);
    if (xid.effect == XidEffect::fails_sample) add(verdict.invalid, text);
    if (xid.effect == XidEffect::stops_suite) {
      add(verdict.invalid, text);
      add(verdict.stop, xid.remedy.empty() ? text : fmt::format("{}: {}", text, xid.remedy));
    }
  }
  if (region.lost) {
    add(verdict.invalid, "the GPU is lost");
    add(verdict.stop, "the GPU is lost: sudo dmesg | grep -i xid tells why");
  }
}

}  // namespace

Fact<std::vector<unsigned>> appeared_processes(const GpuRegion& region) {
  if (!region.before.processes.value) return region.before.processes;
  if (!region.after.processes.value) return region.after.processes;
  std::vector<unsigned> appeared;
  for (const unsigned pid : *region.after.processes.value)
    if (pid != region.own_process && !std::ranges::count(*region.before.processes.value, pid)) appeared.push_back(pid);
  return {std::move(appeared), ""};
}

RegionVerdict judge_region(const GpuRegion& region, const RegionPolicy& policy) {
  RegionVerdict verdict;
  judge_xids(region, verdict);
  judge_throttling(region, policy, verdict);
  judge_settings(region, verdict);
  if (held_by_hardware(region.samples)) add(verdict.invalid, "hardware slowdown");
  if (const std::int64_t errors = grown(region.before.ecc_uncorrected, region.after.ecc_uncorrected); errors > 0)
    add(verdict.invalid, fmt::format("{} uncorrected ECC error(s)", errors));
  if (const auto appeared = appeared_processes(region); appeared.value && !appeared.value->empty())
    add(verdict.invalid, fmt::format("another process appeared on the GPU ({})", fmt::join(*appeared.value, ", ")));
  if (never_engaged(region)) add(verdict.invalid, "the GPU was idle throughout");
  return verdict;
}

}  // namespace kernelgate

#include "harness/measure/telemetry/watch_summary.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/check/knowledge/xid.h"

namespace kernelgate {
namespace {

template <class T>
void keep_least(Fact<T>& least, const Fact<T>& one) {
  if (one.value && (!least.value || *one.value < *least.value)) least = one;
}

template <class T>
void keep_most(Fact<T>& most, const Fact<T>& one) {
  if (one.value && (!most.value || *one.value > *most.value)) most = one;
}

// A GPU that can't be read any more leaves what was known of it.
template <class T>
void keep_known(Fact<T>& kept, const Fact<T>& one) {
  if (one.value || !kept.value) kept = one;
}

std::string held_back(const WatchedGpu& gpu, double seconds) {
  std::string text;
  bool known = false;
  for (std::size_t i = 0; i < gpu.held_total.size(); ++i) {
    known = known || gpu.held_total[i].value;
    const double held = gpu.held_total[i].value.value_or(0);
    if (held <= 0) continue;
    text += fmt::format("{}{} for {:.2f} s", text.empty() ? "" : ", ", throttle_causes[i].text, held);
    if (seconds > 0) text += fmt::format(" ({:.0f} %)", 100 * held / seconds);
  }
  if (!known) return "what held it back is not known: " + gpu.held_total.front().reason;
  return text.empty() ? "nothing held it back" : "held back by " + text;
}

std::string troubles(const WatchedGpu& gpu) {
  std::string text;
  const auto add = [&](const std::string& more) { text += "; " + more; };
  if (gpu.pcie_replays.value.value_or(0) > 0) add(fmt::format("{} PCIe replays", *gpu.pcie_replays.value));
  if (gpu.ecc_corrected.value.value_or(0) > 0) add(fmt::format("{} corrected ECC errors", *gpu.ecc_corrected.value));
  if (gpu.ecc_uncorrected.value.value_or(0) > 0)
    add(fmt::format("{} UNCORRECTED ECC errors", *gpu.ecc_uncorrected.value));
  std::map<std::int64_t, int> times;
  for (const std::int64_t xid : gpu.xids.value.value_or(std::vector<std::int64_t>{})) ++times[xid];
  for (const auto& [xid, count] : times) {
    const XidMeaning known = classify_xid(xid);
    add(xid_text(known) + (count > 1 ? fmt::format(", {} times", count) : "") +
        (known.remedy.empty() ? "" : ": " + known.remedy));
  }
  if (!gpu.xids.value) add(gpu.xids.reason);
  if (gpu.lost) add("the GPU is LOST");
  return text;
}

}  // namespace

void WatchSummary::add(const WatchTick& tick) {
  seconds_ = tick.at_s;
  for (const WatchedGpu& gpu : tick.gpus) {
    Extremes& seen = gpus_[gpu.index];
    keep_least(seen.sm_clock_min_hz, gpu.now.sm_clock_hz);
    keep_most(seen.sm_clock_max_hz, gpu.now.sm_clock_hz);
    keep_most(seen.power_max_w, gpu.now.power_w);
    keep_most(seen.temperature_max_c, gpu.now.temperature_c);
    keep_least(seen.margin_min_c, gpu.temperature_margin_c);
    WatchedGpu kept = gpu;
    for (std::size_t i = 0; i < kept.held_total.size(); ++i) {
      keep_known(seen.last.held_total[i], gpu.held_total[i]);
      kept.held_total[i] = seen.last.held_total[i];
    }
    const WatchedGpu& before = seen.last;
    for (auto member : {&WatchedGpu::pcie_replays, &WatchedGpu::ecc_corrected, &WatchedGpu::ecc_uncorrected})
      if (!(kept.*member).value && (before.*member).value) kept.*member = before.*member;
    if (!kept.energy_j.value && before.energy_j.value) kept.energy_j = before.energy_j;
    if (!kept.xids.value && before.xids.value) kept.xids = before.xids;
    seen.last = std::move(kept);
  }
}

std::string WatchSummary::text() const {
  std::string text;
  for (const auto& [index, seen] : gpus_) {
    text += fmt::format("GPU {} {} ({}), {:.0f} s: {}", index, seen.last.name, seen.last.pci_bus_id, seconds_,
                        held_back(seen.last, seconds_));
    if (seen.sm_clock_min_hz.value)
      text += fmt::format("; SM clock {:.0f} to {:.0f} MHz", *seen.sm_clock_min_hz.value / 1e6,
                          *seen.sm_clock_max_hz.value / 1e6);
    if (seen.last.energy_j.value && seconds_ > 0)
      text += fmt::format("; {:.0f} J, {:.0f} W on average", *seen.last.energy_j.value,
                          *seen.last.energy_j.value / seconds_);
    if (seen.temperature_max_c.value) text += fmt::format("; at most {} C", *seen.temperature_max_c.value);
    if (seen.margin_min_c.value) text += fmt::format(", {} to go to the nearest limit", *seen.margin_min_c.value);
    text += troubles(seen.last) + ".\n";
  }
  return text;
}

}  // namespace kernelgate

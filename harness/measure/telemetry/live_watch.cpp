#include "harness/measure/telemetry/live_watch.h"

#include <fmt/core.h>

namespace kernelgate {
namespace {

template <class T>
Fact<T> grown(const Fact<T>& before, const Fact<T>& after) {
  if (!after.value) return after;
  if (!before.value) return before;
  return {*after.value - *before.value, ""};
}

}  // namespace

LiveWatch::LiveWatch(SymbolSource symbols, std::string load_error, unsigned own_process)
    : nvml_(std::move(symbols), std::move(load_error)), error_(nvml_.error()), own_process_(own_process) {
  if (!nvml_.ready()) return;
  const nvml::Api& api = nvml_.api();
  const Fact<std::int64_t> count = api.number<unsigned>("nvmlDeviceGetCount_v2");
  if (!count.value) error_ = "nvmlDeviceGetCount_v2: " + count.reason;
  if (count.value == 0) error_ = "NVML shows no GPU";
  for (unsigned i = 0; i < count.value.value_or(0); ++i) {
    One one{static_cast<int>(i), nullptr, "GPU of unknown name", "unknown address", nullptr, {}, {}, {}};
    const nvml::Return code = api.call("nvmlDeviceGetHandleByIndex_v2", i, &one.device);
    if (code == nvml::success) {
      one.name = api.text("nvmlDeviceGetName", one.device).value.value_or(one.name);
      nvml::PciInfo pci{};
      if (api.call("nvmlDeviceGetPciInfo_v3", one.device, &pci) == nvml::success) {
        pci.bus_id[sizeof pci.bus_id - 1] = 0;
        one.pci_bus_id = normal_pci_bus_id(pci.bus_id);
      }
    } else {
      one.device = nullptr;
      one.lost = code == nvml::gpu_is_lost;
    }
    const std::string why_not = nvml::reason_text(code);
    one.monitor = std::make_unique<GpuMonitor>(nvml_, one.device, why_not, GpuMonitor::Events::watched);
    one.first = one.last = one.monitor->counters();
    gpus_.push_back(std::move(one));
  }
}

WatchTick LiveWatch::read(double at_s) {
  WatchTick tick;
  tick.at_s = at_s;
  for (One& one : gpus_) tick.gpus.push_back(read_one(one, at_s - last_at_s_));
  last_at_s_ = at_s;
  return tick;
}

WatchedGpu LiveWatch::read_one(One& one, double interval_s) const {
  const nvml::Api& api = nvml_.api();
  const auto number = [&](const char* function) {
    return one.device ? api.number<unsigned>(function, one.device) : missing<std::int64_t>("the GPU can't be read");
  };
  WatchedGpu gpu;
  gpu.index = one.index;
  gpu.name = one.name;
  gpu.pci_bus_id = one.pci_bus_id;
  gpu.now = one.monitor->state();
  gpu.power_limit_w = nvml::scaled(number("nvmlDeviceGetEnforcedPowerLimit"), nvml::milli);
  gpu.pcie_generation = number("nvmlDeviceGetCurrPcieLinkGeneration");
  gpu.pcie_width = number("nvmlDeviceGetCurrPcieLinkWidth");
  gpu.temperature_margin_c = gpu.utilization = missing<std::int64_t>("the GPU can't be read");
  if (one.device) {
    gpu.temperature_margin_c = api.temperature_margin(one.device);
    nvml::Utilization busy{};
    const nvml::Return code = api.call("nvmlDeviceGetUtilizationRates", one.device, &busy);
    gpu.utilization =
        code == nvml::success ? Fact<std::int64_t>{busy.gpu, ""} : missing<std::int64_t>(nvml::reason_text(code));
  }
  GpuCounters counters = one.monitor->counters();
  gpu.held_total = throttled_between(one.first.throttled_s, counters.throttled_s);
  gpu.held_last = throttled_between(one.last.throttled_s, counters.throttled_s);
  for (Fact<double>& share : gpu.held_last)
    if (share.value) share.value = interval_s > 0 ? *share.value / interval_s : 0;
  gpu.energy_j = grown(one.first.energy_j, counters.energy_j);
  gpu.pcie_replays = grown(one.first.pcie_replays, counters.pcie_replays);
  gpu.ecc_corrected = grown(one.first.ecc_corrected, counters.ecc_corrected);
  gpu.ecc_uncorrected = grown(one.first.ecc_uncorrected, counters.ecc_uncorrected);
  gpu.other_processes = missing<std::int64_t>(counters.processes.reason);
  if (counters.processes.value) {
    std::int64_t others = 0;
    for (const unsigned pid : *counters.processes.value) others += pid != own_process_;
    gpu.other_processes = {others, ""};
  }
  gpu.xids = one.monitor->new_xids(one.lost);
  if (gpu.xids.value) {
    one.xids.insert(one.xids.end(), gpu.xids.value->begin(), gpu.xids.value->end());
    gpu.xids.value = one.xids;
  }
  one.lost = one.lost || counters.lost;
  gpu.lost = one.lost;
  one.last = std::move(counters);
  return gpu;
}

}  // namespace kernelgate

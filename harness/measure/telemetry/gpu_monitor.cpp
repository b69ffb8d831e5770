#include "harness/measure/telemetry/gpu_monitor.h"

namespace kernelgate {
namespace {

constexpr int most_events_at_once = 256;  // a storm of them must not hold the caller

template <class T>
Fact<T> grown(const Fact<T>& before, const Fact<T>& after) {
  if (!before.value) return before;
  if (!after.value) return after;
  return {*after.value - *before.value, ""};
}

}  // namespace

ThrottleSeconds throttled_between(const ThrottleSeconds& before, const ThrottleSeconds& after) {
  ThrottleSeconds between;
  for (std::size_t i = 0; i < between.size(); ++i) between[i] = grown(before[i], after[i]);
  return between;
}

GpuMonitor::GpuMonitor(const nvml::Session& nvml, nvml::Handle device, std::string why_not, Events events)
    : nvml_(nvml), device_(device), why_not_(std::move(why_not)) {
  if (device_ && events == Events::watched) register_events();
}

GpuMonitor::~GpuMonitor() {
  if (events_) nvml_.api().call("nvmlEventSetFree", events_);
}

void GpuMonitor::register_events() {
  const nvml::Api& api = nvml_.api();
  nvml::Return code = api.call("nvmlEventSetCreate", &events_);
  if (code != nvml::success) events_ = nullptr;
  if (events_) {
    code = api.call("nvmlDeviceRegisterEvents", device_, nvml::event::xid, events_);
    if (code != nvml::success) {
      api.call("nvmlEventSetFree", events_);
      events_ = nullptr;
    }
  }
  if (!events_) no_events_ = "no XID events: " + nvml::reason_text(code);
}

GpuCounters GpuMonitor::counters() const {
  GpuCounters counters;
  if (!device_) {
    for (auto& one : counters.throttled_s) one.reason = why_not_;
    counters.energy_j.reason = counters.ecc_corrected.reason = counters.ecc_uncorrected.reason = why_not_;
    counters.pcie_replays.reason = counters.processes.reason = counters.power_limit_w.reason = why_not_;
    counters.application_clock_sm_hz.reason = counters.application_clock_memory_hz.reason = why_not_;
    return counters;
  }
  const nvml::Api& api = nvml_.api();
  static_assert(throttle_causes.size() == 7);
  const auto times = api.fields(
      device_, {throttle_causes[0].field, throttle_causes[1].field, throttle_causes[2].field, throttle_causes[3].field,
                throttle_causes[4].field, throttle_causes[5].field, throttle_causes[6].field});
  for (std::size_t i = 0; i < times.size(); ++i) counters.throttled_s[i] = nvml::scaled(times[i], nvml::nano);
  counters.energy_j =
      nvml::scaled(api.number<unsigned long long>("nvmlDeviceGetTotalEnergyConsumption", device_), nvml::milli);
  counters.ecc_corrected = api.number<unsigned long long>("nvmlDeviceGetTotalEccErrors", device_,
                                                          nvml::Errors::corrected, nvml::Since::driver_load);
  counters.ecc_uncorrected = api.number<unsigned long long>("nvmlDeviceGetTotalEccErrors", device_,
                                                            nvml::Errors::uncorrected, nvml::Since::driver_load);
  counters.pcie_replays = api.number<unsigned>("nvmlDeviceGetPcieReplayCounter", device_);
  counters.processes = api.processes("nvmlDeviceGetComputeRunningProcesses_v3", device_);
  counters.power_limit_w = nvml::scaled(api.number<unsigned>("nvmlDeviceGetEnforcedPowerLimit", device_), nvml::milli);
  counters.application_clock_sm_hz =
      nvml::scaled(api.number<unsigned>("nvmlDeviceGetApplicationsClock", device_, nvml::Clock::graphics), nvml::mega);
  counters.application_clock_memory_hz =
      nvml::scaled(api.number<unsigned>("nvmlDeviceGetApplicationsClock", device_, nvml::Clock::memory), nvml::mega);
  counters.lost = counters.energy_j.reason == nvml::reason_text(nvml::gpu_is_lost);
  return counters;
}

GpuState GpuMonitor::state() const {
  GpuState state;
  if (!device_) {
    state.sm_clock_hz.reason = state.memory_clock_hz.reason = state.power_w.reason = why_not_;
    state.temperature_c.reason = state.clocks_event_reasons.reason = why_not_;
    return state;
  }
  const nvml::Api& api = nvml_.api();
  using nvml::Clock;
  state.sm_clock_hz = sm_clock_hz();
  state.memory_clock_hz =
      nvml::scaled(api.number<unsigned>("nvmlDeviceGetClockInfo", device_, Clock::memory), nvml::mega);
  state.power_w = api.power(device_);
  state.temperature_c = api.gpu_temperature(device_);
  state.clocks_event_reasons = api.clocks_event_reasons(device_);
  return state;
}

Fact<double> GpuMonitor::sm_clock_hz() const {
  if (!device_) return missing<double>(why_not_);
  return nvml::scaled(nvml_.api().number<unsigned>("nvmlDeviceGetClockInfo", device_, nvml::Clock::sm), nvml::mega);
}

Fact<std::vector<std::int64_t>> GpuMonitor::new_xids(bool& lost) {
  using List = std::vector<std::int64_t>;
  if (!device_) return missing<List>(why_not_);
  if (!events_) return missing<List>(no_events_);
  List xids;
  for (int i = 0; i < most_events_at_once; ++i) {
    nvml::EventData data{};
    const nvml::Return code = nvml_.api().call("nvmlEventSetWait_v2", events_, &data, 0U);
    if (code == nvml::gpu_is_lost) lost = true;
    if (code != nvml::success) {
      if (code != nvml::timed_out && !lost && xids.empty())
        return missing<List>("no XID events: " + nvml::reason_text(code));
      break;
    }
    if (data.type & nvml::event::xid) xids.push_back(static_cast<std::int64_t>(data.data));
  }
  return {std::move(xids), ""};
}

}  // namespace kernelgate

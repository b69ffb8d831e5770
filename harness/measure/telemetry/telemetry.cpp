#include "harness/measure/telemetry/telemetry.h"

#include <unistd.h>

#include "harness/check/knowledge/xid.h"
#include "harness/measure/telemetry/background_sampler.h"
#include "harness/measure/telemetry/judge_region.h"

namespace kernelgate {
namespace {

using Clock = std::chrono::steady_clock;

/// Those that were reported before the region began concern it only if the GPU is broken since.
std::vector<std::int64_t> still_matter(const Fact<std::vector<std::int64_t>>& early) {
  std::vector<std::int64_t> kept;
  for (const std::int64_t xid : early.value.value_or(std::vector<std::int64_t>{}))
    if (classify_xid(xid).effect == XidEffect::stops_suite) kept.push_back(xid);
  return kept;
}

}  // namespace

Telemetry::Telemetry(const std::string& pci_bus_id, SymbolSource symbols, std::string load_error,
                     GpuMonitor::Events events, std::chrono::milliseconds period)
    : nvml_(std::move(symbols), std::move(load_error)),
      device_(nvml_.by_pci_bus_id(pci_bus_id, no_device_)),
      monitor_(nvml_, device_, no_device_, events),
      period_(period) {}

Telemetry::Watched Telemetry::watch(const std::function<void()>& work) {
  Watched watched;
  GpuRegion& region = watched.region;
  region.own_process = static_cast<unsigned>(getpid());
  std::vector<std::int64_t> xids = still_matter(monitor_.new_xids(region.lost));
  region.state_before = monitor_.state();
  region.before = monitor_.counters();
  const auto begin = Clock::now();
  {
    BackgroundSampler sampler([this] { return monitor_.state(); }, period_);
    try {
      work();
    } catch (...) {
      watched.error = std::current_exception();
    }
    region.samples = sampler.stop();
  }
  region.after = monitor_.counters();
  region.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  region.state_after = monitor_.state();
  region.xids = monitor_.new_xids(region.lost);
  region.lost = region.lost || region.after.lost;
  if (region.xids.value) region.xids.value->insert(region.xids.value->begin(), xids.begin(), xids.end());
  return watched;
}

std::string Telemetry::why_broken() {
  GpuRegion outside;
  outside.xids = {still_matter(monitor_.new_xids(outside.lost)), ""};
  return judge_region(outside).stop;
}

double Telemetry::sm_clock_hz() const { return monitor_.sm_clock_hz().value.value_or(0); }

std::unique_ptr<Telemetry> cuda_telemetry(int ordinal, GpuMonitor::Events events) {
  std::string error;
  SymbolSource symbols = nvml::open_library(error);
  return std::make_unique<Telemetry>(cuda_pci_bus_id(ordinal), std::move(symbols), std::move(error), events);
}

}  // namespace kernelgate

#pragma once
// Reads one GPU through NVML, again and again.

#include <cstdint>
#include <string>
#include <vector>

#include "harness/check/machine/nvml.h"
#include "harness/measure/telemetry/readings.h"

namespace kernelgate {

/// Never fails: what NVML does not tell is missing, with the reason. Of a GPU that could not be opened
/// everything is. Reading from several threads is allowed, as NVML allows it; events from one at a time.
///
/// Source  nvml.h.
class GpuMonitor {
 public:
  enum class Events { watched, ignored };

  /// Registers for XID events, if they are to be watched: only those that come later are seen. `device` null: `why_not`
  /// says why.
  GpuMonitor(const nvml::Session& nvml, nvml::Handle device, std::string why_not, Events events);
  ~GpuMonitor();
  GpuMonitor(const GpuMonitor&) = delete;
  GpuMonitor& operator=(const GpuMonitor&) = delete;

  GpuCounters counters() const;
  GpuState state() const;
  Fact<double> sm_clock_hz() const;

  /// XIDs reported since it was last asked; does not wait. `lost` is set when the GPU is gone.
  Fact<std::vector<std::int64_t>> new_xids(bool& lost);

 private:
  void register_events();

  const nvml::Session& nvml_;
  nvml::Handle device_;
  std::string why_not_;
  nvml::EventSet events_ = nullptr;
  std::string no_events_ = "events were not watched";  ///< why there are none
};

}  // namespace kernelgate

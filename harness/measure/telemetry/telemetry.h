#pragma once
// Watches one GPU while something is measured on it.

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <string>

#include "harness/measure/telemetry/gpu_monitor.h"

namespace kernelgate {

/// Never fails: without NVML every reading is missing, with the reason.
class Telemetry {
 public:
  /// `pci_bus_id` is of the GPU as CUDA writes it: CUDA's and NVML's orders of GPUs may differ. Without
  /// `symbols`, `load_error` says why.
  Telemetry(const std::string& pci_bus_id, SymbolSource symbols, std::string load_error,
            GpuMonitor::Events events = GpuMonitor::Events::watched,
            std::chrono::milliseconds period = std::chrono::milliseconds(50));

  /// What was seen while `work` ran, and what it threw.
  struct Watched {
    GpuRegion region;
    std::exception_ptr error;
  };

  /// Reads the counters, runs `work` with samples taken beside it, reads the counters again. An exception is kept, not
  /// passed on: that a lost GPU breaks the work is when its telemetry matters most.
  Watched watch(const std::function<void()>& work);

  /// Why nothing more should be measured, by what was reported outside any region; empty: go on.
  std::string why_broken();

  double sm_clock_hz() const;  ///< 0: not known

 private:
  nvml::Session nvml_;
  std::string no_device_;
  nvml::Handle device_;
  GpuMonitor monitor_;
  std::chrono::milliseconds period_;
};

/// Of the GPU that CUDA calls `ordinal`.
std::unique_ptr<Telemetry> cuda_telemetry(int ordinal, GpuMonitor::Events events);

/// As CUDA writes it; empty where CUDA has no such GPU, or this build has no CUDA.
std::string cuda_pci_bus_id(int ordinal);

}  // namespace kernelgate

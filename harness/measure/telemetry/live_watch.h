#pragma once
// All GPUs of a machine, read once a tick: what they do now, and what held them back since the start.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/measure/telemetry/gpu_monitor.h"

namespace kernelgate {

/// One GPU at one tick.
///
/// Units  hertz, watts, degrees Celsius, seconds, joules; utilization in percent.
struct WatchedGpu {
  int index = 0;  ///< NVML's and nvidia-smi's number
  std::string name, pci_bus_id;
  GpuState now;
  Fact<double> power_limit_w;
  Fact<std::int64_t> temperature_margin_c, utilization, pcie_generation, pcie_width;
  Fact<std::int64_t> other_processes;
  ThrottleSeconds held_last;   ///< share of the last tick: seconds a second
  ThrottleSeconds held_total;  ///< seconds since the start
  Fact<double> energy_j;       ///< since the start, as what follows
  Fact<std::int64_t> pcie_replays, ecc_corrected, ecc_uncorrected;
  Fact<std::vector<std::int64_t>> xids;
  bool lost = false;
};

struct WatchTick {
  double at_s = 0;  ///< since the start
  std::vector<WatchedGpu> gpus;
};

class LiveWatch {
 public:
  /// Without `symbols`, `load_error` says why. `own_process` is not counted among the others.
  LiveWatch(SymbolSource symbols, std::string load_error, unsigned own_process);

  /// Why there is nothing to watch; empty: there is.
  const std::string& error() const { return error_; }

  /// `at_s` is the time since the start, by the caller's clock; it only grows.
  WatchTick read(double at_s);

 private:
  struct One {
    int index;
    nvml::Handle device;
    std::string name, pci_bus_id;
    std::unique_ptr<GpuMonitor> monitor;
    GpuCounters first, last;
    std::vector<std::int64_t> xids;
    bool lost = false;
  };
  WatchedGpu read_one(One& one, double interval_s) const;

  nvml::Session nvml_;
  std::string error_;
  unsigned own_process_;
  double last_at_s_ = 0;
  std::vector<One> gpus_;
};

}  // namespace kernelgate

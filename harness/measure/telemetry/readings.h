#pragma once
// What one GPU says of itself: its counters at a moment, its state at a moment, and both over a timed region.

#include <cstdint>
#include <vector>

#include "harness/base/fact.h"
#include "harness/measure/telemetry/throttle.h"

namespace kernelgate {

/// What only ever grows, since the driver was loaded; the processes on the GPU, by their numbers; and what somebody has
/// set.
///
/// Units  seconds, joules, watts, hertz.
struct GpuCounters {
  ThrottleSeconds throttled_s;
  Fact<double> energy_j;
  Fact<std::int64_t> ecc_corrected, ecc_uncorrected, pcie_replays;
  Fact<std::vector<unsigned>> processes;  ///< those that compute
  Fact<double> power_limit_w, application_clock_sm_hz, application_clock_memory_hz;
  bool lost = false;  ///< NVML says that the GPU is gone
};

/// Units  hertz, watts, degrees Celsius.
struct GpuState {
  Fact<double> sm_clock_hz, memory_clock_hz, power_w;
  Fact<std::int64_t> temperature_c;
  Fact<std::int64_t> clocks_event_reasons;  ///< NVML's bits
};

/// A timed region: read before and after, and sampled between.
struct GpuRegion {
  double seconds = 0;  ///< wall clock, from one reading of the counters to the other
  GpuCounters before, after;
  GpuState state_before, state_after;
  std::vector<GpuState> samples;
  Fact<std::vector<std::int64_t>> xids;  ///< in the order reported
  bool lost = false;                     ///< the GPU is gone
  unsigned own_process = 0;
};

}  // namespace kernelgate

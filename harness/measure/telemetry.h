#pragma once
// What a GPU says of itself while it is measured: SM clock, and why it was slowed down, by NVML.

#include <memory>
#include <string>
#include <vector>

namespace kernelgate {

/// How long each cause has held the clocks down since the driver was loaded.
///
/// Units   seconds; negative where the driver doesn't tell.
/// Source  nvml.h, field ids 74, 269, 270, 271 (nanosecond counters).
struct ThrottleCounters {
  double power_cap_s = -1;
  double software_thermal_s = -1;
  double hardware_thermal_s = -1;
  double power_brake_s = -1;
};

/// What the counters say of the time between two readings.
struct ThrottleVerdict {
  std::string invalid;  ///< why the samples can't be used; empty: they can
  bool power_capped = false;
};

ThrottleVerdict judge_throttling(const ThrottleCounters& before, const ThrottleCounters& after);

/// Never fails: without NVML every reading is "not known".
class Telemetry {
 public:
  explicit Telemetry(int cuda_ordinal);
  ~Telemetry();
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  double sm_clock_hz() const;  ///< 0: not known
  ThrottleCounters throttle_counters() const;

 private:
  struct Nvml;
  std::unique_ptr<Nvml> nvml_;
};

}  // namespace kernelgate

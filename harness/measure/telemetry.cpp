#include "harness/measure/telemetry.h"

namespace kernelgate {

ThrottleVerdict judge_throttling(const ThrottleCounters& before, const ThrottleCounters& after) {
  const auto rose = [](double from, double to) { return from >= 0 && to > from; };
  ThrottleVerdict verdict;
  if (rose(before.hardware_thermal_s, after.hardware_thermal_s)) verdict.invalid = "hardware thermal slowdown";
  if (rose(before.software_thermal_s, after.software_thermal_s)) verdict.invalid = "thermal slowdown";
  if (rose(before.power_brake_s, after.power_brake_s)) verdict.invalid = "external power brake";
  verdict.power_capped = rose(before.power_cap_s, after.power_cap_s);
  return verdict;
}

}  // namespace kernelgate

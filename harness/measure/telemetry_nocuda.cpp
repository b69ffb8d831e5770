#include "harness/measure/telemetry.h"

namespace kernelgate {

struct Telemetry::Nvml {};

Telemetry::Telemetry(int) {}
Telemetry::~Telemetry() = default;
double Telemetry::sm_clock_hz() const { return 0; }
ThrottleCounters Telemetry::throttle_counters() const { return {}; }

}  // namespace kernelgate

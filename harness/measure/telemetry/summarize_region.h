#pragma once
// From a timed region's readings to what a result keeps of them.

#include "harness/measure/telemetry/readings.h"
#include "harness/result/region_telemetry.h"

namespace kernelgate {

RegionTelemetry summarize_region(const GpuRegion& region);

}  // namespace kernelgate

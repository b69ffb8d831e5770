#pragma once
// What a timed region's telemetry says of what was timed in it. Pure.

#include <string>
#include <vector>

#include "harness/measure/telemetry/readings.h"

namespace kernelgate {

struct RegionVerdict {
  std::string invalid;  ///< why what was timed can't be used; empty: it can
  std::string failed;   ///< an error of the program that ran, by XID; empty: none
  std::string stop;     ///< why nothing more should be measured on this GPU; empty: go on
  bool power_capped = false;
};

struct RegionPolicy {
  bool sync_boost_expected = false;
};

/// Only what is known counts against a region: a counter that the driver does not tell proves nothing.
RegionVerdict judge_region(const GpuRegion& region, const RegionPolicy& policy = {});

/// Processes that are on the GPU after the region, and were not before; never our own.
Fact<std::vector<unsigned>> appeared_processes(const GpuRegion& region);

}  // namespace kernelgate

#pragma once
// What a result keeps of a GPU's telemetry over one timed region.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/base/fact.h"

namespace kernelgate {

/// A missing figure says why. The region is shared: the implementations of one problem are timed in turns.
///
/// Units  seconds, joules, watts, hertz, degrees Celsius.
struct RegionTelemetry {
  double seconds = 0;
  std::int64_t samples = 0;  ///< readings between the first and the last
  Fact<double> energy_j;
  Fact<double> power_mean_w;  ///< energy over time; where that is not known, of the samples
  Fact<double> power_max_w;   ///< of the samples
  Fact<std::int64_t> temperature_start_c, temperature_end_c, temperature_max_c;
  Fact<double> sm_clock_min_hz, sm_clock_median_hz, sm_clock_max_hz;
  Fact<double> memory_clock_min_hz, memory_clock_median_hz, memory_clock_max_hz;
  std::map<std::string, Fact<double>> throttled_s;  ///< by cause
  Fact<bool> power_capped;
  Fact<std::int64_t> pcie_replays, ecc_corrected, ecc_uncorrected;  ///< new ones
  Fact<std::vector<std::int64_t>> xids;
  Fact<std::int64_t> processes_appeared;
};

nlohmann::json to_json(const RegionTelemetry& telemetry);

/// Errors  whatever nlohmann throws, when a key is absent or of another kind.
RegionTelemetry region_telemetry_from_json(const nlohmann::json& document);

}  // namespace kernelgate

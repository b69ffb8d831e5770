// Clocks, power and temperature by process run. The implementations of one problem share a timed region, so each is
// written once.

#include "harness/report/page/page_data.h"

namespace kernelgate {
namespace {

template <class T>
std::optional<double> as_number(const Fact<T>& fact) {
  if (!fact.value) return std::nullopt;
  return static_cast<double>(*fact.value);
}

void add_region(CompactJson& out, int run, const RegionTelemetry& region) {
  out.open('[');
  out.whole(run);
  for (const auto& value :
       {as_number(region.power_mean_w), as_number(region.power_max_w), as_number(region.temperature_start_c),
        as_number(region.temperature_max_c), as_number(region.sm_clock_min_hz), as_number(region.sm_clock_median_hz),
        as_number(region.sm_clock_max_hz), as_number(region.memory_clock_median_hz), as_number(region.energy_j)})
    out.number(value);
  out.number(region.seconds);
  out.open('{');
  for (const auto& [cause, seconds] : region.throttled_s)
    if (seconds.value && *seconds.value > 0) {
      out.key(cause);
      out.number(*seconds.value);
    }
  out.close('}');
  out.close(']');
}

/// All of one case; empty: nothing was measured of a GPU.
std::string regions_of(const CaseRow& row) {
  if (row.measured == nullptr) return "";
  CompactJson out;
  bool any = false;
  out.open('[');
  for (const CaseRun& run : row.measured->runs)
    for (const RegionTelemetry& region : run.telemetry) {
      add_region(out, run.run, region);
      any = true;
    }
  out.close(']');
  return any ? out.take() : "";
}

}  // namespace

void add_telemetry(CompactJson& out, const std::vector<CaseRow>& rows) {
  out.key("telemetry_columns");
  out.texts({"run", "power_mean_w", "power_max_w", "temperature_start_c", "temperature_max_c", "sm_clock_min_hz",
             "sm_clock_median_hz", "sm_clock_max_hz", "memory_clock_median_hz", "energy_j", "seconds", "throttled_s"});
  WordTable groups;
  out.key("telemetry_of");
  out.open('[');
  for (const CaseRow& row : rows) {
    const std::string regions = regions_of(row);
    out.whole(regions.empty() ? -1 : static_cast<long long>(groups.number_of(regions)));
  }
  out.close(']');
  out.key("telemetry");
  out.open('[');
  for (const std::string& group : groups.words()) out.raw(group);
  out.close(']');
}

}  // namespace kernelgate

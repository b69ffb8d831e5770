#include "harness/result/region_telemetry.h"

#include "harness/base/json/fact_json.h"

namespace kernelgate {
namespace {

using nlohmann::json;

// Calls visit(pointer into the document, fact) for each: writing and reading need no second list.
template <class Telemetry, class Visit>
void for_each_fact(Telemetry& telemetry, Visit&& visit) {
  visit("/energy_j", telemetry.energy_j);
  visit("/power_w/mean", telemetry.power_mean_w);
  visit("/power_w/max", telemetry.power_max_w);
  visit("/temperature_c/start", telemetry.temperature_start_c);
  visit("/temperature_c/end", telemetry.temperature_end_c);
  visit("/temperature_c/max", telemetry.temperature_max_c);
  visit("/sm_clock_hz/min", telemetry.sm_clock_min_hz);
  visit("/sm_clock_hz/median", telemetry.sm_clock_median_hz);
  visit("/sm_clock_hz/max", telemetry.sm_clock_max_hz);
  visit("/memory_clock_hz/min", telemetry.memory_clock_min_hz);
  visit("/memory_clock_hz/median", telemetry.memory_clock_median_hz);
  visit("/memory_clock_hz/max", telemetry.memory_clock_max_hz);
  visit("/power_capped", telemetry.power_capped);
  visit("/pcie_replays", telemetry.pcie_replays);
  visit("/ecc_corrected", telemetry.ecc_corrected);
  visit("/ecc_uncorrected", telemetry.ecc_uncorrected);
  visit("/xids", telemetry.xids);
  visit("/processes_appeared", telemetry.processes_appeared);
}

}  // namespace

json to_json(const RegionTelemetry& telemetry) {
  json document = {{"seconds", telemetry.seconds}, {"samples", telemetry.samples}, {"throttled_s", json::object()}};
  for (const auto& [cause, seconds] : telemetry.throttled_s) document["throttled_s"][cause] = fact_json(seconds);
  for_each_fact(telemetry,
                [&](const char* at, const auto& fact) { document[json::json_pointer(at)] = fact_json(fact); });
  return document;
}

RegionTelemetry region_telemetry_from_json(const json& document) {
  RegionTelemetry telemetry;
  document.at("seconds").get_to(telemetry.seconds);
  document.at("samples").get_to(telemetry.samples);
  for (const auto& [cause, seconds] : document.at("throttled_s").items())
    telemetry.throttled_s[cause] = fact_from_json<double>(seconds);
  for_each_fact(telemetry, [&](const char* at, auto& fact) {
    using Value = typename std::remove_reference_t<decltype(fact.value)>::value_type;
    fact = fact_from_json<Value>(document.at(json::json_pointer(at)));
  });
  return telemetry;
}

}  // namespace kernelgate

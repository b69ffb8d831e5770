#include "harness/base/json/fact_json.h"
#include "harness/measure/telemetry/watch_text.h"

namespace kernelgate {
namespace {

nlohmann::json throttle_json(const ThrottleSeconds& held) {
  nlohmann::json document;
  for (std::size_t i = 0; i < held.size(); ++i) document[throttle_causes[i].key] = fact_json(held[i]);
  return document;
}

}  // namespace

nlohmann::json to_json(const WatchTick& tick) {
  nlohmann::json gpus = nlohmann::json::array();
  for (const WatchedGpu& gpu : tick.gpus) {
    gpus.push_back({{"nvml_index", gpu.index},
                    {"name", gpu.name},
                    {"pci_bus_id", gpu.pci_bus_id},
                    {"lost", gpu.lost},
                    {"sm_clock_hz", fact_json(gpu.now.sm_clock_hz)},
                    {"memory_clock_hz", fact_json(gpu.now.memory_clock_hz)},
                    {"power_w", fact_json(gpu.now.power_w)},
                    {"power_limit_w", fact_json(gpu.power_limit_w)},
                    {"temperature_c", fact_json(gpu.now.temperature_c)},
                    {"temperature_margin_c", fact_json(gpu.temperature_margin_c)},
                    {"clocks_event_reasons", fact_json(gpu.now.clocks_event_reasons)},
                    {"utilization_percent", fact_json(gpu.utilization)},
                    {"pcie_generation", fact_json(gpu.pcie_generation)},
                    {"pcie_width", fact_json(gpu.pcie_width)},
                    {"other_processes", fact_json(gpu.other_processes)},
                    {"throttled_share", throttle_json(gpu.held_last)},
                    {"since_start",
                     {{"throttled_s", throttle_json(gpu.held_total)},
                      {"energy_j", fact_json(gpu.energy_j)},
                      {"pcie_replays", fact_json(gpu.pcie_replays)},
                      {"ecc_corrected", fact_json(gpu.ecc_corrected)},
                      {"ecc_uncorrected", fact_json(gpu.ecc_uncorrected)},
                      {"xids", fact_json(gpu.xids)}}}});
  }
  return {{"at_s", tick.at_s}, {"gpus", gpus}};
}

}  // namespace kernelgate

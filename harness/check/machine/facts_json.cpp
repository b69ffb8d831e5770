// The facts as JSON; a missing one is {"value": null, "reason": "..."}.
#include <fmt/core.h>

#include "harness/base/json/fact_json.h"
#include "harness/check/machine/driver_libraries.h"
#include "harness/check/machine/facts.h"

namespace kernelgate {
namespace {

nlohmann::json library_json(const LibraryView& view) {
  nlohmann::json document = to_json(view);
  document.erase("gpus");
  return document;
}

nlohmann::json host_json(const Host& host) {
  return {{"hostname", fact_json(host.hostname)},
          {"kernel", fact_json(host.kernel)},
          {"distribution", fact_json(host.distribution)},
          {"hypervisor", fact_json(host.hypervisor)},
          {"cpu_model", fact_json(host.cpu_model)},
          {"cpu_family", fact_json(host.cpu_family)},
          {"cpu_isa", fact_json(host.cpu_isa)},
          {"cpu_microcode", fact_json(host.cpu_microcode)},
          {"usable_cores", fact_json(host.usable_cores)},
          {"cpu_quota_cores", fact_json(host.cpu_quota_cores)},
          {"governor", fact_json(host.governor)},
          {"load_1min", fact_json(host.load_1min)},
          {"memory_bytes", fact_json(host.memory_bytes)},
          {"memory_available_bytes", fact_json(host.memory_available_bytes)},
          {"container", fact_json(host.container)},
          {"container_kind", to_string(host.container_kind)},
          {"batch_system", fact_json(host.job)},
          {"board", fact_json(host.board)},
          {"tegra", host.tegra},
          {"wsl", host.wsl},
          {"gvisor", host.gvisor}};
}

nlohmann::json kernel_driver_json(const KernelDriver& driver) {
  nlohmann::json devices = nlohmann::json::array();
  for (std::size_t i = 0; i < driver.pci_devices.size(); ++i) {
    devices.push_back({{"pci", driver.pci_devices[i]},
                       {"device_id", driver.pci_ids[i] < 0 ? "unknown" : fmt::format("{:04x}", driver.pci_ids[i])},
                       {"driver", driver.pci_drivers[i]}});
  }
  return {{"devices", devices},
          {"module_loaded", driver.module_loaded},
          {"module_version", fact_json(driver.module_version)},
          {"module_flavour", fact_json(driver.module_flavour)},
          {"device_nodes", driver.device_nodes},
          {"node_errors", driver.node_errors},
          {"nvswitch", driver.nvswitch},
          {"log", driver.log}};
}

}  // namespace

nlohmann::json to_json(const Environment& environment) {
  nlohmann::json gpus = nlohmann::json::array();
  for (const Gpu& gpu : environment.gpus) gpus.push_back(to_json(gpu));
  nlohmann::json trials = nlohmann::json::array();
  for (const GpuTrial& trial : environment.trials) trials.push_back(to_json(trial));
  nlohmann::json document = {{"driver", fact_json(environment.driver)},
                             {"cuda_driver_api", fact_json(environment.cuda_driver_api)},
                             {"cuda_runtime", fact_json(environment.cuda_runtime)},
                             {"cuda_compiled_with", fact_json(environment.cuda_compiled_with)},
                             {"kernel_driver", kernel_driver_json(environment.kernel_driver)},
                             {"nvml", library_json(environment.nvml)},
                             {"libcuda", library_json(environment.cuda)},
                             {"gpus", gpus},
                             {"trials", trials},
                             {"host", host_json(environment.host)},
                             {"libraries", to_json(environment.libraries)},
                             {"frameworks", to_json(environment.frameworks)},
                             {"variables", environment.variables}};
  if (environment.unmasked) document["libcuda_unmasked"] = library_json(*environment.unmasked);
  return document;
}

}  // namespace kernelgate

// The GPUs on the PCI bus, with what their device ids tell.
#include "harness/check/diagnose/pci_gpus.h"

#include <fmt/core.h>

#include <algorithm>

#include "harness/check/machine/evidence.h"

namespace kernelgate {

ModuleNeed PciGpu::module() const {
  if (chip && chip->module) return *chip->module;
  return architecture ? architecture->module : ModuleNeed::either;
}

std::vector<PciGpu> pci_gpus(const Environment& environment, const CheckOptions& options) {
  std::vector<PciGpu> gpus;
  const KernelDriver& kernel = environment.kernel_driver;
  for (std::size_t i = 0; i < kernel.pci_devices.size(); ++i) {
    PciGpu gpu;
    gpu.address = kernel.pci_devices[i];
    gpu.driver = kernel.pci_drivers[i];
    gpu.chip = options.compat->pci_device(kernel.pci_ids[i]);
    if (gpu.chip) gpu.architecture = options.compat->architecture(gpu.chip->compute_capability);
    gpu.seen =
        std::ranges::any_of(environment.gpus, [&](const Gpu& one) { return one.pci_bus_id.value == gpu.address; });
    gpu.text = gpu.address;
    if (kernel.pci_ids[i] >= 0) {
      gpu.text += fmt::format(": {} [10de:{:04x}]", gpu.chip ? gpu.chip->chip : "a GPU", kernel.pci_ids[i]);
    }
    if (gpu.architecture) gpu.text += ", " + gpu.architecture->generation;
    gpus.push_back(std::move(gpu));
  }
  return gpus;
}

std::optional<Version> installed_driver(const Environment& environment) {
  for (const std::string& text : {environment.driver.value.value_or(""), version_suffix(environment.nvml.path),
                                  version_suffix(environment.cuda.path)}) {
    if (const std::optional<Version> version = Version::parse(text)) return version;
  }
  return std::nullopt;
}

std::vector<std::string> log_lines(const Environment& environment, std::string_view text) {
  constexpr std::size_t most = 3;
  std::vector<std::string> found;
  for (const std::string& line : environment.kernel_driver.log) {
    if (line.find(text) != std::string::npos && found.size() < most) found.push_back("kernel log: " + line);
  }
  return found;
}

}  // namespace kernelgate

// How a diagnosis words what it saw.
#include "harness/check/machine/evidence.h"

#include <fmt/core.h>

#include "harness/base/version.h"

namespace kernelgate {
namespace {

std::string library_evidence(const LibraryView& view, const char* function, const char* library) {
  const std::string where = view.path.empty() ? "" : " (" + view.path + ")";
  if (!view.probe_error.empty()) return fmt::format("{}{}: {}", library, where, view.probe_error);
  if (!view.loaded) return fmt::format("{} not loaded: {}", library, view.load_error);
  if (!view.init_code.value) return fmt::format("{}{}: {}", library, where, view.init_code.reason);
  return fmt::format("{} returned {}{}", function, *view.init_code.value, where);
}

}  // namespace

std::string cuda_evidence(const Environment& environment) {
  return library_evidence(environment.cuda, "cuInit", "libcuda.so.1");
}

std::string nvml_evidence(const Environment& environment) {
  return library_evidence(environment.nvml, "nvmlInit_v2", "libnvidia-ml.so.1");
}

std::string trial_evidence(const Environment& environment, const CheckOptions& options) {
  const GpuTrial* trial = environment.trial(options.ordinal);
  if (!trial) return "";
  const std::string gpu = fmt::format("GPU {}: ", options.ordinal);
  if (!trial->probe_error.empty()) return gpu + "using it: " + trial->probe_error;
  if (trial->context_code.value.value_or(0) != 0) {
    return gpu + fmt::format("making a context returned {}", *trial->context_code.value);
  }
  if (trial->memory_code.value.value_or(0) != 0) {
    return gpu + fmt::format("allocating memory returned {}", *trial->memory_code.value);
  }
  return "";
}

std::string module_evidence(const Environment& environment) {
  const KernelDriver& driver = environment.kernel_driver;
  if (!driver.module_version.value) return "kernel module: " + driver.module_version.reason;
  return fmt::format("kernel module {} ({})", *driver.module_version.value,
                     driver.module_flavour.value.value_or("unknown flavour"));
}

std::string gpu_label(const Gpu& gpu) {
  const std::string number = gpu.cuda_ordinal.value ? fmt::format("GPU {} ", *gpu.cuda_ordinal.value) : "";
  return fmt::format("{}{} ({})", number, gpu.name.value.value_or("GPU of unknown name"),
                     gpu.pci_bus_id.value.value_or("unknown address"));
}

std::string version_suffix(const std::string& library_path) {
  const std::size_t at = library_path.rfind(".so.");
  if (at == std::string::npos) return "";
  const std::string suffix = library_path.substr(at + 4);
  return Version::parse(suffix) ? suffix : "";
}

std::vector<const Gpu*> relevant_gpus(const Environment& environment) {
  std::vector<const Gpu*> visible, all;
  for (const Gpu& gpu : environment.gpus) {
    all.push_back(&gpu);
    if (gpu.cuda_ordinal.value) visible.push_back(&gpu);
  }
  return visible.empty() ? all : visible;
}

}  // namespace kernelgate

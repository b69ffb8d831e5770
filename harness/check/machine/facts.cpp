// Puts together what /proc, /sys, NVML and CUDA say of the GPUs.
#include "harness/check/machine/facts.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "harness/base/json/fact_json.h"
#include "harness/base/version.h"
#include "harness/check/machine/kernel_log.h"

namespace kernelgate {
namespace {

constexpr const char* pci_root = "/sys/bus/pci/devices/";

// "0x2335"
int device_id(const std::string& text) {
  int id = -1;
  if (text.starts_with("0x")) std::from_chars(text.data() + 2, text.data() + text.size(), id, 16);
  return id;
}

KernelDriver read_kernel_driver(const Probe& probe) {
  KernelDriver driver;
  driver.log = read_driver_log(probe);
  for (const std::string& device : probe.list_directory(pci_root)) {
    const std::string folder = pci_root + device;
    if (!probe.read_file(folder + "/vendor").value_or("").starts_with("0x10de")) continue;
    const std::string device_class = probe.read_file(folder + "/class").value_or("");
    if (device_class.starts_with("0x0680")) driver.nvswitch = true;  // bridge, other: an NVSwitch
    if (!device_class.starts_with("0x03")) continue;                 // 0x03: display controllers
    driver.pci_devices.push_back(device);
    driver.pci_ids.push_back(device_id(probe.read_file(folder + "/device").value_or("")));
    const std::string link = probe.read_link(folder + "/driver").value_or("");
    driver.pci_drivers.push_back(link.substr(link.rfind('/') + 1));
  }
  driver.module_loaded = probe.exists("/sys/module/nvidia");
  const std::string path = "/proc/driver/nvidia/version";
  const std::optional<std::string> text = probe.read_file(path);
  driver.module_version = driver.module_flavour = missing<std::string>(path + " can't be read");
  if (text) {
    driver.module_flavour = {text->find("Open Kernel Module") != std::string::npos ? "open" : "proprietary", ""};
    driver.module_version = missing<std::string>(path + " names no version");
    // "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Sun ...": the first dotted number.
    std::size_t at = 0;
    while (at < text->size() && !driver.module_version.value) {
      const std::size_t end = std::min(text->find_first_of(" \t\n", at), text->size());
      const std::string word = text->substr(at, end - at);
      if (Version::parse(word)) driver.module_version = {word, ""};
      at = end + 1;
    }
  }
  for (const std::string& name : probe.list_directory("/dev")) {
    if (!name.starts_with("nvidia")) continue;
    const std::string node = "/dev/" + name;
    driver.device_nodes.push_back(node);
    // The nodes that CUDA opens; the rest (modeset, caps) need rights that nobody has to have.
    const bool numbered = name.size() > 6 && name.find_first_not_of("0123456789", 6) == std::string::npos;
    if (!numbered && name != "nvidiactl" && name != "nvidia-uvm") continue;
    if (const std::string error = probe.open_error(node); !error.empty()) driver.node_errors[node] = error;
  }
  return driver;
}

// Values of `from` fill what `into` lacks; where both know, `prefer` says whether `from` wins.
void merge(Gpu& into, const Gpu& from, bool prefer) {
  for_each_gpu_field([&](const char*, auto member) {
    if ((from.*member).value && (prefer || !(into.*member).value)) into.*member = from.*member;
  });
}

bool same_gpu(const Gpu& a, const Gpu& b) {
  if (a.pci_bus_id.value && b.pci_bus_id.value) return *a.pci_bus_id.value == *b.pci_bus_id.value;
  return a.uuid.value && b.uuid.value && *a.uuid.value == *b.uuid.value;
}

// Matched by PCI address or UUID: CUDA's order and NVML's differ.
std::vector<Gpu> merged_gpus(const LibraryView& nvml, const LibraryView& cuda) {
  std::vector<Gpu> gpus = nvml.gpus;
  const std::size_t known_to_nvml = gpus.size();
  for (const Gpu& seen : cuda.gpus) {
    const auto end = gpus.begin() + static_cast<std::ptrdiff_t>(known_to_nvml);
    const auto twin = std::find_if(gpus.begin(), end, [&](const Gpu& gpu) { return same_gpu(gpu, seen); });
    if (twin == end) {
      gpus.push_back(seen);
    } else {
      // With MIG, what this process has is the instance that CUDA describes, not NVML's whole GPU.
      merge(*twin, seen, twin->mig.value.value_or(false));
    }
  }
  return gpus;
}

// An idle GPU lowers clocks and link; what its trial saw is what it can do.
void read_under_load(const Environment& environment, Gpu& gpu) {
  const GpuTrial* trial =
      gpu.cuda_ordinal.value ? environment.trial(static_cast<int>(*gpu.cuda_ordinal.value)) : nullptr;
  if (!trial) return;
  gpu.pcie_generation_loaded = trial->pcie_generation;
  gpu.pcie_width_loaded = trial->pcie_width;
  gpu.sm_clock_loaded_hz = trial->sm_clock_hz;
}

// The link width that the GPU was built for: NVML knows only what GPU and slot together can do.
void read_link_capability(const Probe& probe, Gpu& gpu) {
  if (!gpu.pci_bus_id.value) return;
  const std::string path = pci_root + *gpu.pci_bus_id.value + "/max_link_width";
  const std::string text = probe.read_file(path).value_or("");
  int width = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), width);
  // The kernel writes 255 where it does not know.
  gpu.pcie_width_gpu_max = end.ec == std::errc() && width > 0 && width <= 32
                               ? Fact<std::int64_t>{width, ""}
                               : missing<std::int64_t>(path + " gives no width");
}

// Those that change what is measured or whether a GPU is found.
// Source: DCGM's list of bad variables (nvvs), and CUDA's programming guide.
constexpr std::array<const char*, 27> watched_variables = {"CUDA_VISIBLE_DEVICES",
                                                           "CUDA_DEVICE_ORDER",
                                                           "NVIDIA_VISIBLE_DEVICES",
                                                           "NVIDIA_DRIVER_CAPABILITIES",
                                                           "LD_LIBRARY_PATH",
                                                           "LD_PRELOAD",
                                                           "CUDA_LAUNCH_BLOCKING",
                                                           "CUDA_DISABLE_PTX_JIT",
                                                           "CUDA_FORCE_PTX_JIT",
                                                           "CUDA_MODULE_LOADING",
                                                           "CUDA_CACHE_DISABLE",
                                                           "NVIDIA_TF32_OVERRIDE",
                                                           "CUBLAS_WORKSPACE_CONFIG",
                                                           "CUDA_INJECTION32_PATH",
                                                           "CUDA_INJECTION64_PATH",
                                                           "NSIGHT_CUDA_DEBUGGER",
                                                           "CUDA_AUTO_BOOST",
                                                           "CUDA_ENABLE_COREDUMP_ON_EXCEPTION",
                                                           "CUDA_COREDUMP_FILE",
                                                           "CUDA_DEVICE_WAITS_ON_EXCEPTION",
                                                           "CUDA_PROFILE",
                                                           "COMPUTE_PROFILE",
                                                           "OPENCL_PROFILE",
                                                           "OMP_NUM_THREADS",
                                                           "CUDA_MPS_PIPE_DIRECTORY",
                                                           "ONEDNN_MAX_CPU_ISA",
                                                           "CUDA_MPS_ACTIVE_THREAD_PERCENTAGE"};

// A variable may hold any bytes; documents are strict JSON.
std::string valid_utf8(const std::string& text) {
  return nlohmann::json::parse(nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace

bool Environment::in_container() const {
  return host.container.value || host.gvisor || variables.contains("NVIDIA_DRIVER_CAPABILITIES");
}

bool Environment::gpu_may_be_kept_from_container() const {
  return in_container() && (host.tegra || (host.wsl && !host.dxg));
}

bool Environment::hardware_present() const {
  return !kernel_driver.pci_devices.empty() || !gpus.empty() || kernel_driver.module_version.value.has_value() ||
         host.tegra || gpu_may_be_kept_from_container() ||
         (host.wsl && (nvml.loaded || cuda.loaded));  // every WSL has /dev/dxg, whatever its GPU
}

const Gpu* Environment::visible_gpu(int ordinal) const {
  const auto found = std::ranges::find_if(gpus, [&](const Gpu& gpu) { return gpu.cuda_ordinal.value == ordinal; });
  return found == gpus.end() ? nullptr : &*found;
}

const GpuTrial* Environment::trial(int ordinal) const {
  const bool known = ordinal >= 0 && static_cast<std::size_t>(ordinal) < trials.size();
  return known ? &trials[static_cast<std::size_t>(ordinal)] : nullptr;
}

int Environment::visible_gpus() const {
  return static_cast<int>(
      std::ranges::count_if(gpus, [](const Gpu& gpu) { return gpu.cuda_ordinal.value.has_value(); }));
}

Environment read_environment(const Probe& probe) {
  Environment environment;
  environment.host = read_host(probe);
  environment.libraries = read_shared_libraries(probe);
  environment.frameworks = read_frameworks(probe);
  environment.kernel_driver = read_kernel_driver(probe);
  environment.nvml = probe.nvml();
  environment.cuda = probe.cuda_driver();
  environment.gpus = merged_gpus(environment.nvml, environment.cuda);
  for (Gpu& gpu : environment.gpus) read_link_capability(probe, gpu);
  if (environment.visible_gpus() > 0) {
    environment.trials = probe.try_gpus(environment.visible_gpus());
    for (Gpu& gpu : environment.gpus) read_under_load(environment, gpu);
  } else if (environment.cuda.loaded && probe.environment_variable("CUDA_VISIBLE_DEVICES")) {
    environment.unmasked = probe.cuda_driver_unmasked();
  }
  environment.nvml.gpus.clear();
  environment.cuda.gpus.clear();
  environment.driver = environment.nvml.driver_version;
  // Where NVML fails the kernel still knows; not in WSL, where there is no such module.
  if (!environment.driver.value && environment.kernel_driver.module_version.value) {
    environment.driver = environment.kernel_driver.module_version;
  }
  environment.cuda_driver_api = environment.cuda.cuda_driver_version;
  if (environment.cuda_driver_api.value == 0) {
    environment.cuda_driver_api = missing<std::int64_t>("libcuda says version 0: it found no driver");
  }
  const RuntimeVersions versions = probe.runtime_versions();
  environment.cuda_runtime = versions.runtime;
  environment.cuda_compiled_with = versions.compiled_with;
  for (const char* name : watched_variables) {
    if (const auto value = probe.environment_variable(name)) environment.variables[name] = valid_utf8(*value);
  }
  return environment;
}

std::string cuda_version_text(std::int64_t version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

std::string compute_capability_text(std::int64_t cc) { return fmt::format("{}.{}", cc / 10, cc % 10); }

}  // namespace kernelgate

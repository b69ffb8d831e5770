// What NVML knows: each function is looked up by name, and one that this NVML lacks leaves its fact unknown.
#include <array>

#include <fmt/core.h>

#include "harness/check/machine/driver_libraries.h"
#include "harness/check/machine/nvml.h"
#include "harness/check/machine/nvml_health.h"

namespace kernelgate {
namespace {

using nvml::Api;
using nvml::as_bool;
using nvml::Clock;
using nvml::Handle;
using nvml::mega;
using nvml::milli;
using nvml::reason_text;
using nvml::Return;
using nvml::scaled;

// Both give a current and a pending setting.
void read_pair(const Api& api, const char* name, Handle device, Fact<bool>& current, Fact<bool>& pending) {
  unsigned now = 0, later = 0;
  const Return code = api.call(name, device, &now, &later);
  current = code == 0 ? Fact<bool>{now != 0, ""} : missing<bool>(reason_text(code));
  pending = code == 0 ? Fact<bool>{later != 0, ""} : missing<bool>(reason_text(code));
}

void read_identity(const Api& api, Handle device, Gpu& gpu) {
  gpu.name = api.text("nvmlDeviceGetName", device);
  gpu.uuid = api.text("nvmlDeviceGetUUID", device);
  gpu.vbios = api.text("nvmlDeviceGetVbiosVersion", device);
  gpu.board_part_number = api.text("nvmlDeviceGetBoardPartNumber", device);
  gpu.inforom_version = api.text("nvmlDeviceGetInforomImageVersion", device);
  gpu.serial = api.text("nvmlDeviceGetSerial", device);
  std::array<char, 128> firmware{};
  Return code = api.call("nvmlDeviceGetGspFirmwareVersion", device, firmware.data());
  gpu.gsp_firmware = code == 0 ? Fact<std::string>{firmware.data(), ""} : missing<std::string>(reason_text(code));
  nvml::PciInfo pci{};
  code = api.call("nvmlDeviceGetPciInfo_v3", device, &pci);
  pci.bus_id[sizeof pci.bus_id - 1] = 0;
  gpu.pci_bus_id =
      code == 0 ? Fact<std::string>{normal_pci_bus_id(pci.bus_id), ""} : missing<std::string>(reason_text(code));
  int major = 0, minor = 0;
  code = api.call("nvmlDeviceGetCudaComputeCapability", device, &major, &minor);
  gpu.compute_capability =
      code == 0 ? Fact<std::int64_t>{major * 10 + minor, ""} : missing<std::int64_t>(reason_text(code));
  nvml::Memory memory{};
  code = api.call("nvmlDeviceGetMemoryInfo", device, &memory);
  gpu.memory_bytes = gpu.memory_free_bytes = missing<std::int64_t>(reason_text(code));
  if (code == 0) {
    gpu.memory_bytes = {static_cast<std::int64_t>(memory.total), ""};
    gpu.memory_free_bytes = {static_cast<std::int64_t>(memory.free), ""};
  }
  gpu.sm_count = gpu.l2_bytes = gpu.cuda_ordinal = missing<std::int64_t>("CUDA did not report this GPU");
}

void read_power(const Api& api, Handle device, Gpu& gpu) {
  gpu.power_limit_w = scaled(api.number<unsigned>("nvmlDeviceGetEnforcedPowerLimit", device), milli);
  gpu.power_limit_default_w = scaled(api.number<unsigned>("nvmlDeviceGetPowerManagementDefaultLimit", device), milli);
  unsigned least = 0, most = 0;
  const Return code = api.call("nvmlDeviceGetPowerManagementLimitConstraints", device, &least, &most);
  gpu.power_limit_min_w = code == 0 ? Fact<double>{least * milli, ""} : missing<double>(reason_text(code));
  gpu.power_limit_max_w = code == 0 ? Fact<double>{most * milli, ""} : missing<double>(reason_text(code));
  gpu.power_w = api.power(device);
  gpu.power_average_w = scaled(api.fields(device, {nvml::field::power_average})[0], milli);
  gpu.energy_j = scaled(api.number<unsigned long long>("nvmlDeviceGetTotalEnergyConsumption", device), milli);
}

void read_settings(const Api& api, Handle device, Gpu& gpu) {
  read_pair(api, "nvmlDeviceGetEccMode", device, gpu.ecc, gpu.ecc_pending);
  Fact<bool> mig_pending;
  read_pair(api, "nvmlDeviceGetMigMode", device, gpu.mig, mig_pending);
  gpu.persistence = as_bool(api.number<unsigned>("nvmlDeviceGetPersistenceMode", device));
  gpu.compute_mode = api.number<unsigned>("nvmlDeviceGetComputeMode", device);
  gpu.virtualization_mode = api.number<unsigned>("nvmlDeviceGetVirtualizationMode", device);
  gpu.display_attached = as_bool(api.number<unsigned>("nvmlDeviceGetDisplayMode", device));
  gpu.display_active = as_bool(api.number<unsigned>("nvmlDeviceGetDisplayActive", device));
  gpu.sm_clock_max_hz = scaled(api.number<unsigned>("nvmlDeviceGetMaxClockInfo", device, Clock::sm), mega);
  gpu.memory_clock_max_hz = scaled(api.number<unsigned>("nvmlDeviceGetMaxClockInfo", device, Clock::memory), mega);
  // Set for the graphics clock, which the SMs' follows. Deprecated since CUDA 13, and then a fact that is missing.
  gpu.sm_clock_application_hz =
      scaled(api.number<unsigned>("nvmlDeviceGetApplicationsClock", device, Clock::graphics), mega);
  gpu.memory_clock_application_hz =
      scaled(api.number<unsigned>("nvmlDeviceGetApplicationsClock", device, Clock::memory), mega);
}

void read_link(const Api& api, Handle device, Gpu& gpu) {
  gpu.pcie_generation = api.number<unsigned>("nvmlDeviceGetCurrPcieLinkGeneration", device);
  gpu.pcie_generation_max = api.number<unsigned>("nvmlDeviceGetMaxPcieLinkGeneration", device);
  gpu.pcie_generation_gpu_max = api.number<unsigned>("nvmlDeviceGetGpuMaxPcieLinkGeneration", device);
  gpu.pcie_width = api.number<unsigned>("nvmlDeviceGetCurrPcieLinkWidth", device);
  gpu.pcie_width_max = api.number<unsigned>("nvmlDeviceGetMaxPcieLinkWidth", device);
  gpu.pcie_width_gpu_max = missing<std::int64_t>("NVML does not tell; /sys would");
  gpu.pcie_replays = api.number<unsigned>("nvmlDeviceGetPcieReplayCounter", device);
}

void read_processes(const Api& api, Handle device, std::int64_t own_process, Gpu& gpu) {
  const auto computing = api.processes("nvmlDeviceGetComputeRunningProcesses_v3", device);
  gpu.other_processes = missing<std::int64_t>(computing.reason);
  if (computing.value) {
    std::int64_t others = 0;
    for (const unsigned pid : *computing.value) others += pid != own_process;
    gpu.other_processes = {others, ""};
  }
  const auto drawing = api.processes("nvmlDeviceGetGraphicsRunningProcesses_v3", device);
  gpu.graphics_processes = missing<std::int64_t>(drawing.reason);
  if (drawing.value) gpu.graphics_processes = {static_cast<std::int64_t>(drawing.value->size()), ""};
}

void read_state(const Api& api, Handle device, Gpu& gpu) {
  gpu.sm_clock_hz = scaled(api.number<unsigned>("nvmlDeviceGetClockInfo", device, Clock::sm), mega);
  gpu.memory_clock_hz = scaled(api.number<unsigned>("nvmlDeviceGetClockInfo", device, Clock::memory), mega);
  gpu.performance_state = api.number<unsigned>("nvmlDeviceGetPerformanceState", device);
  gpu.clocks_event_reasons = api.clocks_event_reasons(device);
  gpu.recovery_action = api.fields(device, {nvml::field::recovery_action})[0];
  nvml::FabricInfo fabric{};
  const Return code = api.call("nvmlDeviceGetGpuFabricInfo", device, &fabric);
  gpu.fabric_state = code == 0 ? Fact<std::int64_t>{fabric.state, ""} : missing<std::int64_t>(reason_text(code));
}

Gpu read_gpu(const Api& api, Handle device, unsigned index, std::int64_t own_process) {
  Gpu gpu;
  gpu.nvml_index = {index, ""};
  read_identity(api, device, gpu);
  read_power(api, device, gpu);
  read_settings(api, device, gpu);
  read_link(api, device, gpu);
  read_processes(api, device, own_process, gpu);
  read_state(api, device, gpu);
  read_memory_health(api, device, gpu);
  read_temperatures(api, device, gpu);
  return gpu;
}

Fact<std::string> driver_branch(const Api& api) {
  nvml::DriverBranch branch{};
  branch.version = nvml::struct_version<nvml::DriverBranch>(1);
  const Return code = api.call("nvmlSystemGetDriverBranch", &branch, static_cast<unsigned>(sizeof branch.branch));
  branch.branch[sizeof branch.branch - 1] = 0;
  return code == 0 ? Fact<std::string>{branch.branch, ""} : missing<std::string>(reason_text(code));
}

// The state is asked first: a GPU that has no confidential computing is not "not ready".
Fact<bool> conf_compute_ready(const Api& api) {
  struct State {
    unsigned environment, feature, developer_tools;
  };
  State state{};
  const Return code = api.call("nvmlSystemGetConfComputeState", &state);
  if (code != 0) return missing<bool>(reason_text(code));
  if (state.feature == 0) return missing<bool>("confidential computing is off");
  return nvml::as_bool(api.number<unsigned>("nvmlSystemGetConfComputeGpusReadyState"));
}

}  // namespace

void read_nvml(const SymbolSource& symbols, std::int64_t own_process, LibraryView& view) {
  const Api api(symbols);
  const Return init = api.call("nvmlInit_v2");
  view.init_code = {init, ""};
  const std::string why_not = fmt::format("nvmlInit_v2 returned {}", init);
  view.driver_version = view.driver_branch = missing<std::string>(why_not);
  view.cuda_driver_version = view.device_count = missing<std::int64_t>(why_not);
  if (init != 0) return;
  view.driver_version = api.text("nvmlSystemGetDriverVersion");
  view.driver_branch = driver_branch(api);
  // Version 1 of this function invents a number when libcuda is missing.
  view.cuda_driver_version = api.number<int>("nvmlSystemGetCudaDriverVersion_v2");
  view.device_count = api.number<unsigned>("nvmlDeviceGetCount_v2");
  view.conf_compute_ready = conf_compute_ready(api);
  for (unsigned i = 0; i < view.device_count.value.value_or(0); ++i) {
    Gpu gpu;
    Handle device = nullptr;
    const Return code = api.call("nvmlDeviceGetHandleByIndex_v2", i, &device);
    if (code == 0) {
      gpu = read_gpu(api, device, i, own_process);
    } else {
      // A lost or blocked GPU still counts; each of its facts says why it is missing.
      for_each_gpu_field([&](const char*, auto member) {
        (gpu.*member).reason = fmt::format("nvmlDeviceGetHandleByIndex_v2({}) returned {}", i, code);
      });
    }
    view.gpus.push_back(gpu);
  }
  api.call("nvmlShutdown");
}

}  // namespace kernelgate

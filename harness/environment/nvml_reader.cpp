// What NVML knows. Types and numbers from NVIDIA's nvml.h (series 11.0 to 13.3); each function is looked
// up by name, and one that this NVML lacks leaves its fact unknown.
#include <array>
#include <cstring>

#include "harness/environment/driver_libraries.h"
#include "harness/environment/fact_json.h"

#include <fmt/core.h>

namespace kernelgate {
namespace {

using Return = int;
using Handle = void*;
constexpr Return insufficient_size = 7;

struct Memory {
  unsigned long long total, free, used;
};
struct PciInfo {
  char legacy_id[16];
  unsigned domain, bus, device, device_id, subsystem_id;
  char bus_id[32];
};
struct ProcessInfo {
  unsigned pid;
  unsigned long long used_bytes;
  unsigned gpu_instance, compute_instance;
};
struct FieldValue {
  unsigned field, scope;
  long long timestamp_us, latency_us;
  int type;
  Return result;
  union {
    unsigned long long wide;
    unsigned number;
  } value;
};
struct FabricInfo {
  unsigned char cluster[16];
  Return status;
  unsigned clique;
  unsigned char state;
};
static_assert(sizeof(PciInfo) == 68 && sizeof(ProcessInfo) == 24 && sizeof(FieldValue) == 40);

enum class Clock : int { graphics = 0, sm = 1, memory = 2 };
constexpr int temperature_of_gpu = 0;
constexpr unsigned field_recovery_action = 230;

std::string reason_text(Return code) {
  switch (code) {
    case 3:
      return "not supported by this GPU";
    case 4:
      return "no permission";
    case 13:
      return "this driver's NVML lacks the function";
    default:
      return fmt::format("NVML error {}", code);
  }
}

class Nvml {
 public:
  explicit Nvml(const SymbolSource& symbols) : symbols_(symbols) {}

  /// The function's own code; 13 (function not found) when NVML lacks it.
  template <class... Args>
  Return call(const char* name, Args... args) const {
    void* symbol = symbols_(name);
    if (!symbol) return 13;
    return reinterpret_cast<Return (*)(Args...)>(symbol)(args...);
  }

  template <class Raw, class... Args>
  Fact<std::int64_t> number(const char* name, Args... args) const {
    Raw raw{};
    const Return code = call(name, args..., &raw);
    if (code != 0) return missing<std::int64_t>(reason_text(code));
    return {static_cast<std::int64_t>(raw), ""};
  }

  template <class... Args>
  Fact<std::string> text(const char* name, Args... args) const {
    std::array<char, 128> buffer{};
    const Return code = call(name, args..., buffer.data(), 96U);
    if (code != 0) return missing<std::string>(reason_text(code));
    buffer.back() = 0;
    return {std::string(buffer.data()), ""};
  }

 private:
  const SymbolSource& symbols_;
};

Fact<bool> as_bool(const Fact<std::int64_t>& number) {
  if (!number.value) return missing<bool>(number.reason);
  return {*number.value != 0, ""};
}

Fact<double> scaled(const Fact<std::int64_t>& number, double unit) {
  if (!number.value) return missing<double>(number.reason);
  return {static_cast<double>(*number.value) * unit, ""};
}

// Both give a current and a pending setting.
void read_pair(const Nvml& nvml, const char* name, Handle device, Fact<bool>& current, Fact<bool>& pending) {
  unsigned now = 0, later = 0;
  const Return code = nvml.call(name, device, &now, &later);
  current = code == 0 ? Fact<bool>{now != 0, ""} : missing<bool>(reason_text(code));
  pending = code == 0 ? Fact<bool>{later != 0, ""} : missing<bool>(reason_text(code));
}

void read_identity(const Nvml& nvml, Handle device, Gpu& gpu) {
  gpu.name = nvml.text("nvmlDeviceGetName", device);
  gpu.uuid = nvml.text("nvmlDeviceGetUUID", device);
  gpu.vbios = nvml.text("nvmlDeviceGetVbiosVersion", device);
  gpu.board_part_number = nvml.text("nvmlDeviceGetBoardPartNumber", device);
  std::array<char, 128> firmware{};
  Return code = nvml.call("nvmlDeviceGetGspFirmwareVersion", device, firmware.data());
  gpu.gsp_firmware = code == 0 ? Fact<std::string>{firmware.data(), ""} : missing<std::string>(reason_text(code));
  PciInfo pci{};
  code = nvml.call("nvmlDeviceGetPciInfo_v3", device, &pci);
  pci.bus_id[sizeof pci.bus_id - 1] = 0;
  gpu.pci_bus_id =
      code == 0 ? Fact<std::string>{normal_pci_bus_id(pci.bus_id), ""} : missing<std::string>(reason_text(code));
  int major = 0, minor = 0;
  code = nvml.call("nvmlDeviceGetCudaComputeCapability", device, &major, &minor);
  gpu.compute_capability =
      code == 0 ? Fact<std::int64_t>{major * 10 + minor, ""} : missing<std::int64_t>(reason_text(code));
  Memory memory{};
  code = nvml.call("nvmlDeviceGetMemoryInfo", device, &memory);
  gpu.memory_bytes = gpu.memory_free_bytes = missing<std::int64_t>(reason_text(code));
  if (code == 0) {
    gpu.memory_bytes = {static_cast<std::int64_t>(memory.total), ""};
    gpu.memory_free_bytes = {static_cast<std::int64_t>(memory.free), ""};
  }
  gpu.sm_count = gpu.l2_bytes = gpu.cuda_ordinal = missing<std::int64_t>("CUDA did not report this GPU");
}

void read_settings(const Nvml& nvml, Handle device, Gpu& gpu) {
  read_pair(nvml, "nvmlDeviceGetEccMode", device, gpu.ecc, gpu.ecc_pending);
  Fact<bool> mig_pending;
  read_pair(nvml, "nvmlDeviceGetMigMode", device, gpu.mig, mig_pending);
  gpu.persistence = as_bool(nvml.number<unsigned>("nvmlDeviceGetPersistenceMode", device));
  gpu.compute_mode = nvml.number<unsigned>("nvmlDeviceGetComputeMode", device);
  constexpr double milli = 1e-3, mega = 1e6;
  gpu.power_limit_w = scaled(nvml.number<unsigned>("nvmlDeviceGetEnforcedPowerLimit", device), milli);
  gpu.power_limit_default_w = scaled(nvml.number<unsigned>("nvmlDeviceGetPowerManagementDefaultLimit", device), milli);
  gpu.sm_clock_max_hz = scaled(nvml.number<unsigned>("nvmlDeviceGetMaxClockInfo", device, Clock::sm), mega);
  gpu.memory_clock_max_hz = scaled(nvml.number<unsigned>("nvmlDeviceGetMaxClockInfo", device, Clock::memory), mega);
  gpu.sm_clock_hz = scaled(nvml.number<unsigned>("nvmlDeviceGetClockInfo", device, Clock::sm), mega);
  gpu.memory_clock_hz = scaled(nvml.number<unsigned>("nvmlDeviceGetClockInfo", device, Clock::memory), mega);
  // Set for the graphics clock, which the SMs' follows. Deprecated since CUDA 13, and then a fact that is missing.
  gpu.sm_clock_application_hz =
      scaled(nvml.number<unsigned>("nvmlDeviceGetApplicationsClock", device, Clock::graphics), mega);
  gpu.memory_clock_application_hz =
      scaled(nvml.number<unsigned>("nvmlDeviceGetApplicationsClock", device, Clock::memory), mega);
  gpu.pcie_generation = nvml.number<unsigned>("nvmlDeviceGetCurrPcieLinkGeneration", device);
  gpu.pcie_generation_max = nvml.number<unsigned>("nvmlDeviceGetMaxPcieLinkGeneration", device);
  gpu.pcie_width = nvml.number<unsigned>("nvmlDeviceGetCurrPcieLinkWidth", device);
  gpu.pcie_width_max = nvml.number<unsigned>("nvmlDeviceGetMaxPcieLinkWidth", device);
}

Fact<std::int64_t> count_other_processes(const Nvml& nvml, Handle device, std::int64_t own_process) {
  std::array<ProcessInfo, 128> processes{};
  unsigned count = processes.size();
  const Return code = nvml.call("nvmlDeviceGetComputeRunningProcesses_v3", device, &count, processes.data());
  if (code == insufficient_size) return {static_cast<std::int64_t>(count), ""};
  if (code != 0) return missing<std::int64_t>(reason_text(code));
  std::int64_t others = 0;
  for (unsigned i = 0; i < count && i < processes.size(); ++i) others += processes[i].pid != own_process;
  return {others, ""};
}

void read_state(const Nvml& nvml, Handle device, std::int64_t own_process, Gpu& gpu) {
  gpu.temperature_c = nvml.number<unsigned>("nvmlDeviceGetTemperature", device, temperature_of_gpu);
  // Renamed in 12.2; drivers before know the old name only.
  gpu.clocks_event_reasons = nvml.number<unsigned long long>("nvmlDeviceGetCurrentClocksEventReasons", device);
  if (!gpu.clocks_event_reasons.value) {
    gpu.clocks_event_reasons = nvml.number<unsigned long long>("nvmlDeviceGetCurrentClocksThrottleReasons", device);
  }
  gpu.other_processes = count_other_processes(nvml, device, own_process);
  FieldValue field{};
  field.field = field_recovery_action;
  Return code = nvml.call("nvmlDeviceGetFieldValues", device, 1, &field);
  if (code == 0) code = field.result;
  gpu.recovery_action =
      code == 0 ? Fact<std::int64_t>{field.value.number, ""} : missing<std::int64_t>(reason_text(code));
  FabricInfo fabric{};
  code = nvml.call("nvmlDeviceGetGpuFabricInfo", device, &fabric);
  gpu.fabric_state = code == 0 ? Fact<std::int64_t>{fabric.state, ""} : missing<std::int64_t>(reason_text(code));
}

}  // namespace

void read_nvml(const SymbolSource& symbols, std::int64_t own_process, LibraryView& view) {
  const Nvml nvml(symbols);
  const Return init = nvml.call("nvmlInit_v2");
  view.init_code = {init, ""};
  const std::string why_not = fmt::format("nvmlInit_v2 returned {}", init);
  view.driver_version = missing<std::string>(why_not);
  view.cuda_driver_version = view.device_count = missing<std::int64_t>(why_not);
  if (init != 0) return;
  view.driver_version = nvml.text("nvmlSystemGetDriverVersion");
  // Version 1 of this function invents a number when libcuda is missing.
  view.cuda_driver_version = nvml.number<int>("nvmlSystemGetCudaDriverVersion_v2");
  view.device_count = nvml.number<unsigned>("nvmlDeviceGetCount_v2");
  for (unsigned i = 0; i < view.device_count.value.value_or(0); ++i) {
    Gpu gpu;
    Handle device = nullptr;
    const Return code = nvml.call("nvmlDeviceGetHandleByIndex_v2", i, &device);
    if (code == 0) {
      read_identity(nvml, device, gpu);
      read_settings(nvml, device, gpu);
      read_state(nvml, device, own_process, gpu);
    } else {
      // A lost or blocked GPU still counts; each of its facts says why it is missing.
      for_each_gpu_field([&](const char*, auto member) {
        (gpu.*member).reason = fmt::format("nvmlDeviceGetHandleByIndex_v2({}) returned {}", i, code);
      });
    }
    view.gpus.push_back(gpu);
  }
  nvml.call("nvmlShutdown");
}

}  // namespace kernelgate

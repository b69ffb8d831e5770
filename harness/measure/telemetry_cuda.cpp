// NVML by dlopen, declared here as far as it is used: its header is not part of every toolkit, and its
// ABI is stable (struct layouts and constants from nvml.h).

#include <cuda_runtime_api.h>
#include <dlfcn.h>

#include <array>

#include "harness/measure/telemetry.h"

namespace kernelgate {
namespace {

using NvmlDevice = struct nvmlDevice_st*;

union NvmlValue {
  double d;
  unsigned int ui;
  unsigned long ul;
  unsigned long long ull;
  long long sll;
};

struct NvmlFieldValue {
  unsigned int field_id;
  unsigned int scope_id;
  long long timestamp;
  long long latency_us;
  int value_type;
  int status;
  NvmlValue value;
};

constexpr unsigned int clock_sm = 1;  // NVML_CLOCK_SM
constexpr unsigned int field_power_cap = 74;
constexpr unsigned int field_software_thermal = 269;
constexpr unsigned int field_hardware_thermal = 270;
constexpr unsigned int field_power_brake = 271;

}  // namespace

struct Telemetry::Nvml {
  void* library = nullptr;
  NvmlDevice device = nullptr;
  int (*shutdown)() = nullptr;
  int (*clock_info)(NvmlDevice, unsigned int, unsigned int*) = nullptr;
  int (*field_values)(NvmlDevice, int, NvmlFieldValue*) = nullptr;
};

Telemetry::Telemetry(int cuda_ordinal) {
  void* library = dlopen("libnvidia-ml.so.1", RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) return;
  auto nvml = std::make_unique<Nvml>();
  nvml->library = library;
  const auto symbol = [library](const char* name, auto& function) {
    function = reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(library, name));
    return function != nullptr;
  };
  int (*init)() = nullptr;
  int (*by_pci)(const char*, NvmlDevice*) = nullptr;
  std::array<char, 32> bus_id{};  // CUDA's and NVML's orders of devices may differ: match by PCI address
  if (!symbol("nvmlInit_v2", init) || !symbol("nvmlShutdown", nvml->shutdown) ||
      !symbol("nvmlDeviceGetHandleByPciBusId_v2", by_pci) || init() != 0)
    return;
  symbol("nvmlDeviceGetClockInfo", nvml->clock_info);
  symbol("nvmlDeviceGetFieldValues", nvml->field_values);
  if (cudaDeviceGetPCIBusId(bus_id.data(), bus_id.size(), cuda_ordinal) != cudaSuccess ||
      by_pci(bus_id.data(), &nvml->device) != 0) {
    nvml->shutdown();
    return;
  }
  nvml_ = std::move(nvml);
}

Telemetry::~Telemetry() {
  if (nvml_) nvml_->shutdown();
}

double Telemetry::sm_clock_hz() const {
  unsigned int mhz = 0;
  if (!nvml_ || nvml_->clock_info == nullptr || nvml_->clock_info(nvml_->device, clock_sm, &mhz) != 0) return 0;
  return mhz * 1e6;
}

ThrottleCounters Telemetry::throttle_counters() const {
  ThrottleCounters counters;
  if (!nvml_ || nvml_->field_values == nullptr) return counters;
  std::array<NvmlFieldValue, 4> fields{};
  fields[0].field_id = field_power_cap;
  fields[1].field_id = field_software_thermal;
  fields[2].field_id = field_hardware_thermal;
  fields[3].field_id = field_power_brake;
  if (nvml_->field_values(nvml_->device, static_cast<int>(fields.size()), fields.data()) != 0) return counters;
  const auto seconds = [](const NvmlFieldValue& f) {
    return f.status == 0 ? static_cast<double>(f.value.ull) * 1e-9 : -1;
  };
  return {seconds(fields[0]), seconds(fields[1]), seconds(fields[2]), seconds(fields[3])};
}

}  // namespace kernelgate

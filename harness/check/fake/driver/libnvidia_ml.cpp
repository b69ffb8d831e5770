// A made-up libnvidia-ml.so.1. Every function first does what the settings say of it; a fact that they lack is one that
// this GPU does not support. Signatures, layouts and numbers from NVIDIA's nvml.h.
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "harness/check/fake/driver/gpu_identity.h"
#include "harness/check/fake/driver/settings.h"

namespace kernelgate::fake {
namespace {

constexpr int success = 0, invalid_argument = 2, not_supported = 3, not_found = 6, insufficient_size = 7,
              timed_out = 10, gpu_is_lost = 15;

// A handle is the address of one of these.
std::array<char, 64> handles;
using Device = void*;
int gpu_of(Device device) { return static_cast<int>(static_cast<char*>(device) - handles.data()); }
Device device_of(int gpu) { return &handles.at(static_cast<std::size_t>(gpu)); }

int copy_text(const std::string& text, char* into, unsigned size) {
  if (text.empty()) return not_supported;
  if (text.size() >= size) return insufficient_size;
  std::snprintf(into, size, "%s", text.c_str());
  return success;
}

// The made-up libcuda of the same process has lost it.
bool is_lost(Device device) {
  const char* lost = std::getenv("KERNELGATE_FAKE_LOST");
  return lost != nullptr && std::atoi(lost) == gpu_of(device);
}

template <class T>
int number(const char* function, Device device, const std::string& key, T* into) {
  if (const int code = answer(function)) return code;
  if (is_lost(device)) return gpu_is_lost;
  std::int64_t value = 0;
  if (!number_of(gpu_of(device), key, value)) return not_supported;
  *into = static_cast<T>(value);
  return success;
}

int text(const char* function, Device device, const char* key, char* into, unsigned size) {
  if (const int code = answer(function)) return code;
  return copy_text(setting_of(gpu_of(device), key), into, size);
}

template <class T>
int pair(const char* function, Device device, const std::string& key, T* now, T* later) {
  if (const int code = number(function, device, key, now)) return code;
  *later = *now;
  std::int64_t pending = 0;
  if (number_of(gpu_of(device), key + "_pending", pending)) *later = static_cast<T>(pending);
  return success;
}

struct ProcessInfo {
  unsigned pid;
  unsigned long long used_bytes;
  unsigned gpu_instance, compute_instance;
};

// Processes of numbers that no process has.
int processes(const char* function, Device device, const char* key, unsigned* count, ProcessInfo* into) {
  unsigned there = 0;
  if (const int code = number(function, device, key, &there)) return code;
  const unsigned room = *count;
  *count = there;
  if (there > room) return insufficient_size;
  constexpr unsigned first_pid = 1U << 30U;
  for (unsigned i = 0; i < there; ++i) into[i] = {first_pid + i, 1U << 20U, ~0U, ~0U};
  return success;
}

struct PciInfo {
  char legacy_id[16];
  unsigned domain, bus, device, device_id, subsystem_id;
  char bus_id[32];
};

struct FieldValue {
  unsigned field, scope;
  long long timestamp_us, latency_us;
  int type, result;
  unsigned long long value;
};

struct EventSet {
  Device device;
  std::int64_t last;
};

struct EventData {
  Device device;
  unsigned long long type, data;
  unsigned gpu_instance, compute_instance;
};

struct FabricInfo {
  unsigned char cluster[16];
  int status;
  unsigned clique;
  unsigned char state;
};

struct Memory {
  unsigned long long total, free, used;
};

const char* clock_name(int type) { return type == 2 ? "memory_clock" : "sm_clock"; }

}  // namespace
}  // namespace kernelgate::fake

using namespace kernelgate::fake;

extern "C" {

int nvmlInit_v2() { return answer("nvmlInit_v2"); }
int nvmlShutdown() { return answer("nvmlShutdown"); }

int nvmlSystemGetDriverVersion(char* into, unsigned size) {
  if (const int code = answer("nvmlSystemGetDriverVersion")) return code;
  return copy_text(setting("driver"), into, size);
}
int nvmlSystemGetCudaDriverVersion_v2(int* version) {
  return number("nvmlSystemGetCudaDriverVersion_v2", device_of(0), "cuda_version", version);
}

int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = static_cast<unsigned>(gpu_count());
  return answer("nvmlDeviceGetCount_v2");
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, Device* device) {
  if (const int code = answer("nvmlDeviceGetHandleByIndex_v2")) return code;
  const int gpu = static_cast<int>(index);
  if (gpu >= gpu_count()) return invalid_argument;
  std::int64_t lost = 0;
  if (number_of(gpu, "handle", lost)) return static_cast<int>(lost);  // 15: fallen off the bus
  *device = device_of(gpu);
  return success;
}
int nvmlDeviceGetHandleByPciBusId_v2(const char* bus_id, Device* device) {
  if (const int code = answer("nvmlDeviceGetHandleByPciBusId_v2")) return code;
  for (int gpu = 0; gpu < gpu_count(); ++gpu) {
    *device = device_of(gpu);
    // The domain may have eight digits.
    if (std::string(bus_id).ends_with(pci_bus_id(gpu))) return success;
  }
  return not_found;
}
int nvmlDeviceGetIndex(Device d, unsigned* index) {
  *index = static_cast<unsigned>(gpu_of(d));
  return answer("nvmlDeviceGetIndex");
}

int nvmlDeviceGetName(Device d, char* into, unsigned n) { return text(__func__, d, "name", into, n); }
int nvmlDeviceGetVbiosVersion(Device d, char* into, unsigned n) { return text(__func__, d, "vbios", into, n); }
int nvmlDeviceGetBoardPartNumber(Device d, char* into, unsigned n) { return text(__func__, d, "part_number", into, n); }
int nvmlDeviceGetSerial(Device d, char* into, unsigned n) { return text(__func__, d, "serial", into, n); }
int nvmlDeviceGetInforomImageVersion(Device d, char* into, unsigned n) { return text(__func__, d, "inforom", into, n); }
int nvmlDeviceGetGspFirmwareVersion(Device d, char* into) { return text(__func__, d, "gsp_firmware", into, 64); }
int nvmlDeviceGetUUID(Device d, char* into, unsigned n) {
  if (const int code = answer("nvmlDeviceGetUUID")) return code;
  return copy_text(uuid_text(gpu_of(d)), into, n);
}
int nvmlDeviceGetPciInfo_v3(Device d, PciInfo* info) {
  if (const int code = answer("nvmlDeviceGetPciInfo_v3")) return code;
  std::memset(info, 0, sizeof *info);
  return copy_text("0000" + pci_bus_id(gpu_of(d)), info->bus_id, sizeof info->bus_id);
}
int nvmlDeviceGetCudaComputeCapability(Device d, int* major, int* minor) {
  int cc = 0;
  if (const int code = number(__func__, d, "cc", &cc)) return code;
  *major = cc / 10;
  *minor = cc % 10;
  return success;
}
int nvmlDeviceGetMemoryInfo(Device d, Memory* memory) {
  if (const int code = number(__func__, d, "memory", &memory->total)) return code;
  if (const int code = number(__func__, d, "memory_free", &memory->free)) return code;
  memory->used = memory->total - memory->free;
  return success;
}

int nvmlDeviceGetEccMode(Device d, unsigned* now, unsigned* later) { return pair(__func__, d, "ecc", now, later); }
int nvmlDeviceGetMigMode(Device d, unsigned* now, unsigned* later) { return pair(__func__, d, "mig", now, later); }
int nvmlDeviceGetPersistenceMode(Device d, unsigned* into) { return number(__func__, d, "persistence", into); }
int nvmlDeviceGetComputeMode(Device d, unsigned* into) { return number(__func__, d, "compute_mode", into); }
int nvmlDeviceGetDisplayMode(Device d, unsigned* into) { return number(__func__, d, "display_attached", into); }
int nvmlDeviceGetDisplayActive(Device d, unsigned* into) { return number(__func__, d, "display_active", into); }
int nvmlDeviceGetVirtualizationMode(Device d, unsigned* into) { return number(__func__, d, "virtualization", into); }
int nvmlDeviceGetPerformanceState(Device d, unsigned* into) { return number(__func__, d, "performance_state", into); }

int nvmlDeviceGetEnforcedPowerLimit(Device d, unsigned* into) { return number(__func__, d, "power_limit", into); }
int nvmlDeviceGetPowerManagementDefaultLimit(Device d, unsigned* into) {
  return number(__func__, d, "power_limit_default", into);
}
int nvmlDeviceGetPowerManagementLimitConstraints(Device d, unsigned* least, unsigned* most) {
  if (const int code = number(__func__, d, "power_limit_min", least)) return code;
  return number(__func__, d, "power_limit_max", most);
}
int nvmlDeviceGetPowerUsage(Device d, unsigned* into) { return number(__func__, d, "power", into); }
int nvmlDeviceGetTotalEnergyConsumption(Device d, unsigned long long* into) {
  return number(__func__, d, "energy", into);
}

int nvmlDeviceGetMaxClockInfo(Device d, int type, unsigned* into) {
  return number(__func__, d, std::string(clock_name(type)) + "_max", into);
}
int nvmlDeviceGetApplicationsClock(Device d, int type, unsigned* into) {
  return number(__func__, d, std::string(clock_name(type)) + "_application", into);
}
int nvmlDeviceGetClockInfo(Device d, int type, unsigned* into) { return number(__func__, d, clock_name(type), into); }
int nvmlDeviceGetCurrentClocksEventReasons(Device d, unsigned long long* into) {
  return number(__func__, d, "event_reasons", into);
}
int nvmlDeviceGetTemperature(Device d, int, unsigned* into) { return number(__func__, d, "temperature", into); }
int nvmlDeviceGetTemperatureThreshold(Device d, int which, unsigned* into) {
  return number(__func__, d, "temperature_threshold." + std::to_string(which), into);
}

int nvmlDeviceGetCurrPcieLinkGeneration(Device d, unsigned* into) {
  return number(__func__, d, "pcie_generation", into);
}
int nvmlDeviceGetMaxPcieLinkGeneration(Device d, unsigned* into) {
  return number(__func__, d, "pcie_generation_max", into);
}
int nvmlDeviceGetGpuMaxPcieLinkGeneration(Device d, unsigned* into) {
  return number(__func__, d, "pcie_generation_gpu", into);
}
int nvmlDeviceGetCurrPcieLinkWidth(Device d, unsigned* into) { return number(__func__, d, "pcie_width", into); }
int nvmlDeviceGetMaxPcieLinkWidth(Device d, unsigned* into) { return number(__func__, d, "pcie_width_max", into); }
int nvmlDeviceGetPcieReplayCounter(Device d, unsigned* into) { return number(__func__, d, "pcie_replays", into); }

int nvmlDeviceGetComputeRunningProcesses_v3(Device d, unsigned* count, ProcessInfo* into) {
  return processes(__func__, d, "processes", count, into);
}
int nvmlDeviceGetGraphicsRunningProcesses_v3(Device d, unsigned* count, ProcessInfo* into) {
  return processes(__func__, d, "graphics_processes", count, into);
}

// 0 corrected, 1 uncorrected; since 0 the last boot, 1 ever.
int nvmlDeviceGetTotalEccErrors(Device d, int kind, int since, unsigned long long* into) {
  const std::string key = std::string("ecc_") + (kind == 0 ? "corrected" : "uncorrected");
  return number(__func__, d, key + (since == 0 ? "" : "_total"), into);
}
int nvmlDeviceGetRemappedRows(Device d, unsigned* corrected, unsigned* uncorrected, unsigned* pending,
                              unsigned* failure) {
  if (const int code = number(__func__, d, "remapped_corrected", corrected)) return code;
  if (const int code = number(__func__, d, "remapped_uncorrected", uncorrected)) return code;
  if (const int code = number(__func__, d, "remap_pending", pending)) return code;
  return number(__func__, d, "remap_failure", failure);
}

int nvmlDeviceGetNvLinkState(Device d, unsigned link, unsigned* active) {
  unsigned links = 0;
  if (const int code = number(__func__, d, "nvlinks", &links)) return code;
  *active = link < links ? 1 : 0;
  return success;
}

// XIDs: xid = 48 is reported once to whoever watches, 79 of a GPU that is lost. Without either there are no events.
int nvmlEventSetCreate(EventSet** set) {
  if (setting("xid_events").empty()) return not_supported;
  *set = new EventSet{};
  return answer("nvmlEventSetCreate");
}
int nvmlEventSetFree(const EventSet* set) {
  delete set;
  return success;
}
int nvmlDeviceRegisterEvents(Device d, unsigned long long, EventSet* set) {
  set->device = d;
  return answer("nvmlDeviceRegisterEvents");
}
int nvmlEventSetWait_v2(EventSet* set, EventData* data, unsigned) {
  std::int64_t xid = is_lost(set->device) ? 79 : 0;
  if (xid == 0) number_of(gpu_of(set->device), "xid", xid);
  if (xid == 0 || set->last == xid) return timed_out;
  set->last = xid;
  *data = {set->device, 8, static_cast<unsigned long long>(xid), 0, 0};  // nvmlEventTypeXidCriticalError
  return success;
}

// The field's number is its key: field.230 = 1. field.270_share = 0.5: a counter of nanoseconds that grows half of the
// time.
int nvmlDeviceGetFieldValues(Device d, int count, FieldValue* fields) {
  if (const int code = answer("nvmlDeviceGetFieldValues")) return code;
  for (int i = 0; i < count; ++i) {
    std::int64_t value = 0;
    fields[i].result =
        number_of(gpu_of(d), "field." + std::to_string(fields[i].field), value) ? success : not_supported;
    const std::string share = setting_of(gpu_of(d), "field." + std::to_string(fields[i].field) + "_share");
    if (!share.empty()) {
      const auto now = std::chrono::steady_clock::now().time_since_epoch();
      value = static_cast<std::int64_t>(std::atof(share.c_str()) * 1e9 * std::chrono::duration<double>(now).count());
      fields[i].result = success;
    }
    if (is_lost(d)) fields[i].result = gpu_is_lost;
    fields[i].type = 3;  // NVML_VALUE_TYPE_UNSIGNED_LONG_LONG
    fields[i].value = static_cast<unsigned long long>(value);
  }
  return success;
}
int nvmlDeviceGetGpuFabricInfo(Device d, FabricInfo* info) {
  std::memset(info, 0, sizeof *info);
  return number(__func__, d, "fabric_state", &info->state);
}

// conf_compute = 1: on; conf_compute_ready = 1: declared ready.
int nvmlSystemGetConfComputeState(unsigned* state) {
  if (const int code = answer("nvmlSystemGetConfComputeState")) return code;
  if (setting("conf_compute").empty()) return not_supported;
  state[0] = 1;  // environment
  state[1] = setting("conf_compute") == "1" ? 1 : 0;
  state[2] = 0;  // developer tools
  return success;
}
int nvmlSystemGetConfComputeGpusReadyState(unsigned* ready) {
  *ready = setting("conf_compute_ready") == "1" ? 1 : 0;
  return answer("nvmlSystemGetConfComputeGpusReadyState");
}

const char* nvmlErrorString(int) { return "an error of the made-up NVML"; }
}

#pragma once
// An NVML made up for tests: a table of functions over a machine that the test changes as it goes.

#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "harness/check/machine/nvml.h"

namespace kernelgate {

struct FakeNvmlGpu {
  std::string name = "NVIDIA H200", pci = "00000000:19:00.0";
  unsigned sm_mhz = 1980, memory_mhz = 3201, temperature_c = 40, pcie_generation = 5, pcie_width = 16, replays = 0;
  unsigned utilization = 97, power_limit_mw = 700000;
  unsigned application_sm_mhz = 1980, application_memory_mhz = 2619;
  int margin_c = 47;
  unsigned long long energy_mj = 1000000, reasons = 0, corrected = 0, uncorrected = 0;
  std::vector<unsigned> processes;
  std::map<unsigned, std::int64_t> fields = {{74, 0},  {76, 0},  {77, 0},       {79, 0},       {269, 0},
                                             {270, 0}, {271, 0}, {186, 650000}, {185, 640000}, {82, 52}};
};

/// The one that the functions below act on. A test resets it, and holds `mutex` to change it while a thread reads.
struct FakeNvml {
  std::mutex mutex;
  std::vector<FakeNvmlGpu> gpus{FakeNvmlGpu()};
  std::deque<unsigned long long> xids;    ///< not yet delivered
  std::map<std::string, int> failing;     ///< function -> the code that it returns
  std::set<std::string> absent;           ///< functions that this NVML lacks
  bool lost = false;                      ///< every device call returns 15
  int open_sessions = 0, event_sets = 0;  ///< what was opened and not closed

  static FakeNvml& get() {
    static FakeNvml instance;
    return instance;
  }

  static void reset() {
    FakeNvml& fake = get();
    const std::lock_guard lock(fake.mutex);
    fake.gpus.assign(1, FakeNvmlGpu());
    fake.xids.clear();
    fake.failing.clear();
    fake.absent.clear();
    fake.lost = false;
    fake.open_sessions = fake.event_sets = 0;
  }

  template <class Change>
  static void change(Change change) {
    const std::lock_guard lock(get().mutex);
    change(get());
  }

  static SymbolSource symbols();
};

namespace fake_nvml {

using nvml::Handle;

// Runs `answer` on the GPU unless the test made the function fail.
template <class Answer>
int on_gpu(const char* function, Handle device, Answer answer) {
  FakeNvml& fake = FakeNvml::get();
  const std::lock_guard lock(fake.mutex);
  if (fake.lost) return nvml::gpu_is_lost;
  if (const auto found = fake.failing.find(function); found != fake.failing.end()) return found->second;
  answer(fake.gpus.at(reinterpret_cast<std::size_t>(device) - 1));
  return nvml::success;
}

inline int code_of(const char* function) {
  FakeNvml& fake = FakeNvml::get();
  const auto found = fake.failing.find(function);
  return found == fake.failing.end() ? nvml::success : found->second;
}

inline int init() {
  const std::lock_guard lock(FakeNvml::get().mutex);
  const int code = code_of("nvmlInit_v2");
  if (code == nvml::success) ++FakeNvml::get().open_sessions;
  return code;
}
inline int shutdown() {
  const std::lock_guard lock(FakeNvml::get().mutex);
  --FakeNvml::get().open_sessions;
  return 0;
}
inline int count(unsigned* value) {
  const std::lock_guard lock(FakeNvml::get().mutex);
  *value = static_cast<unsigned>(FakeNvml::get().gpus.size());
  return 0;
}
inline int by_index(unsigned index, Handle* device) {
  const std::lock_guard lock(FakeNvml::get().mutex);
  if (index >= FakeNvml::get().gpus.size()) return 2;
  *device = reinterpret_cast<Handle>(static_cast<std::size_t>(index) + 1);
  return code_of("nvmlDeviceGetHandleByIndex_v2");
}
inline int by_pci(const char* bus_id, Handle* device) {
  const std::lock_guard lock(FakeNvml::get().mutex);
  const std::vector<FakeNvmlGpu>& gpus = FakeNvml::get().gpus;
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    if (normal_pci_bus_id(gpus[i].pci) != normal_pci_bus_id(bus_id)) continue;
    *device = reinterpret_cast<Handle>(i + 1);
    return 0;
  }
  return 6;
}
inline int name(Handle device, char* text, unsigned size) {
  return on_gpu("nvmlDeviceGetName", device,
                [&](const FakeNvmlGpu& gpu) { std::strncpy(text, gpu.name.c_str(), size); });
}
inline int pci(Handle device, nvml::PciInfo* info) {
  return on_gpu("nvmlDeviceGetPciInfo_v3", device,
                [&](const FakeNvmlGpu& gpu) { std::strncpy(info->bus_id, gpu.pci.c_str(), sizeof info->bus_id - 1); });
}
inline int clock(Handle device, int which, unsigned* mhz) {
  return on_gpu("nvmlDeviceGetClockInfo", device, [&](const FakeNvmlGpu& gpu) {
    *mhz = which == 1 ? gpu.sm_mhz : which == 2 ? gpu.memory_mhz : 0;
  });
}
inline int temperature(Handle device, int, unsigned* degrees) {
  return on_gpu("nvmlDeviceGetTemperature", device, [&](const FakeNvmlGpu& gpu) { *degrees = gpu.temperature_c; });
}
inline int margin(Handle device, nvml::MarginTemperature* value) {
  if (value->version != nvml::struct_version<nvml::MarginTemperature>(1)) return 25;
  return on_gpu("nvmlDeviceGetMarginTemperature", device,
                [&](const FakeNvmlGpu& gpu) { value->celsius = gpu.margin_c; });
}
inline int reasons(Handle device, unsigned long long* bits) {
  return on_gpu("nvmlDeviceGetCurrentClocksEventReasons", device, [&](const FakeNvmlGpu& gpu) { *bits = gpu.reasons; });
}
inline int energy(Handle device, unsigned long long* millijoules) {
  return on_gpu("nvmlDeviceGetTotalEnergyConsumption", device,
                [&](const FakeNvmlGpu& gpu) { *millijoules = gpu.energy_mj; });
}
inline int ecc(Handle device, int kind, int since, unsigned long long* errors) {
  return on_gpu("nvmlDeviceGetTotalEccErrors", device, [&](const FakeNvmlGpu& gpu) {
    *errors = (kind == 1 ? gpu.uncorrected : gpu.corrected) + (since == 1 ? 100 : 0);
  });
}
inline int replays(Handle device, unsigned* value) {
  return on_gpu("nvmlDeviceGetPcieReplayCounter", device, [&](const FakeNvmlGpu& gpu) { *value = gpu.replays; });
}
inline int generation(Handle device, unsigned* value) {
  return on_gpu("nvmlDeviceGetCurrPcieLinkGeneration", device,
                [&](const FakeNvmlGpu& gpu) { *value = gpu.pcie_generation; });
}
inline int width(Handle device, unsigned* value) {
  return on_gpu("nvmlDeviceGetCurrPcieLinkWidth", device, [&](const FakeNvmlGpu& gpu) { *value = gpu.pcie_width; });
}
inline int power_limit(Handle device, unsigned* milliwatts) {
  return on_gpu("nvmlDeviceGetEnforcedPowerLimit", device,
                [&](const FakeNvmlGpu& gpu) { *milliwatts = gpu.power_limit_mw; });
}
inline int application_clock(Handle device, int kind, unsigned* mhz) {
  return on_gpu("nvmlDeviceGetApplicationsClock", device, [&](const FakeNvmlGpu& gpu) {
    *mhz = kind == static_cast<int>(nvml::Clock::memory) ? gpu.application_memory_mhz : gpu.application_sm_mhz;
  });
}
inline int power_usage(Handle device, unsigned* milliwatts) {
  return on_gpu("nvmlDeviceGetPowerUsage", device, [&](const FakeNvmlGpu&) { *milliwatts = 333000; });
}
inline int utilization(Handle device, nvml::Utilization* value) {
  return on_gpu("nvmlDeviceGetUtilizationRates", device, [&](const FakeNvmlGpu& gpu) {
    *value = {gpu.utilization, 0};
  });
}
inline int processes(Handle device, unsigned* size, nvml::ProcessInfo* infos) {
  int code = nvml::success;
  const int known = on_gpu("nvmlDeviceGetComputeRunningProcesses_v3", device, [&](const FakeNvmlGpu& gpu) {
    const unsigned room = *size;
    *size = static_cast<unsigned>(gpu.processes.size());
    if (room < *size) code = nvml::insufficient_size;
    for (unsigned i = 0; i < *size && code == nvml::success; ++i) infos[i].pid = gpu.processes[i];
  });
  return known == nvml::success ? code : known;
}
// Throttle counters are wide, the rest are plain unsigned, as NVML has them.
inline int fields(Handle device, int number, nvml::FieldValue* values) {
  return on_gpu("nvmlDeviceGetFieldValues", device, [&](const FakeNvmlGpu& gpu) {
    for (int i = 0; i < number; ++i) {
      const auto found = gpu.fields.find(values[i].field);
      values[i].result = found == gpu.fields.end() ? nvml::not_supported : nvml::success;
      if (found == gpu.fields.end()) continue;
      const bool wide = values[i].field < 82 || values[i].field > 268;
      values[i].type = wide ? nvml::type_wide : nvml::type_unsigned;
      std::memset(&values[i].value, 0xff, sizeof values[i].value);  // what was not written is not 0
      if (wide)
        values[i].value.wide = static_cast<unsigned long long>(found->second);
      else
        values[i].value.number = static_cast<unsigned>(found->second);
    }
  });
}
inline int create_set(nvml::EventSet* set) {
  const std::lock_guard lock(FakeNvml::get().mutex);
  ++FakeNvml::get().event_sets;
  *set = &FakeNvml::get();
  return 0;
}
inline int free_set(nvml::EventSet) {
  const std::lock_guard lock(FakeNvml::get().mutex);
  --FakeNvml::get().event_sets;
  return 0;
}
inline int register_events(Handle, unsigned long long types, nvml::EventSet) {
  const std::lock_guard lock(FakeNvml::get().mutex);
  return types == nvml::event::xid ? code_of("nvmlDeviceRegisterEvents") : 2;
}
inline int wait(nvml::EventSet, nvml::EventData* data, unsigned timeout_ms) {
  FakeNvml& fake = FakeNvml::get();
  const std::lock_guard lock(fake.mutex);
  if (timeout_ms != 0) return 2;  // nobody is to wait
  if (!fake.xids.empty()) {
    data->type = nvml::event::xid;
    data->data = fake.xids.front();
    fake.xids.pop_front();
    return 0;
  }
  return fake.lost ? nvml::gpu_is_lost : nvml::timed_out;
}

template <class Function>
void* function_address(Function* function) {
  return reinterpret_cast<void*>(function);
}

}  // namespace fake_nvml

inline SymbolSource FakeNvml::symbols() {
  using namespace fake_nvml;
  static const std::map<std::string, void*> table = {
      {"nvmlInit_v2", function_address(init)},
      {"nvmlShutdown", function_address(shutdown)},
      {"nvmlDeviceGetCount_v2", function_address(count)},
      {"nvmlDeviceGetHandleByIndex_v2", function_address(by_index)},
      {"nvmlDeviceGetHandleByPciBusId_v2", function_address(by_pci)},
      {"nvmlDeviceGetName", function_address(name)},
      {"nvmlDeviceGetPciInfo_v3", function_address(pci)},
      {"nvmlDeviceGetClockInfo", function_address(clock)},
      {"nvmlDeviceGetTemperature", function_address(temperature)},
      {"nvmlDeviceGetMarginTemperature", function_address(margin)},
      {"nvmlDeviceGetCurrentClocksEventReasons", function_address(reasons)},
      {"nvmlDeviceGetTotalEnergyConsumption", function_address(energy)},
      {"nvmlDeviceGetTotalEccErrors", function_address(ecc)},
      {"nvmlDeviceGetPcieReplayCounter", function_address(replays)},
      {"nvmlDeviceGetCurrPcieLinkGeneration", function_address(generation)},
      {"nvmlDeviceGetCurrPcieLinkWidth", function_address(width)},
      {"nvmlDeviceGetEnforcedPowerLimit", function_address(power_limit)},
      {"nvmlDeviceGetApplicationsClock", function_address(application_clock)},
      {"nvmlDeviceGetPowerUsage", function_address(power_usage)},
      {"nvmlDeviceGetUtilizationRates", function_address(utilization)},
      {"nvmlDeviceGetComputeRunningProcesses_v3", function_address(processes)},
      {"nvmlDeviceGetFieldValues", function_address(fields)},
      {"nvmlEventSetCreate", function_address(create_set)},
      {"nvmlEventSetFree", function_address(free_set)},
      {"nvmlDeviceRegisterEvents", function_address(register_events)},
      {"nvmlEventSetWait_v2", function_address(wait)},
  };
  return [](const char* name) -> void* {
    if (get().absent.contains(name)) return nullptr;
    const auto found = table.find(name);
    return found == table.end() ? nullptr : found->second;
  };
}

}  // namespace kernelgate

// NVML and libcuda read through a table of made-up functions; children that hang, crash, and answer.
#include "harness/check/machine/driver_libraries.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <map>

#include <nlohmann/json.hpp>

#include "harness/base/process/child_process.h"

namespace kernelgate {
namespace {

// As C functions, the way the libraries export them.
namespace fake {
int ok() { return 0; }
int driver(char* text, unsigned size) {
  std::strncpy(text, "580.95.05", size);
  return 0;
}
int cuda_version(int* version) {
  *version = 13000;
  return 0;
}
int two(unsigned* count) {
  *count = 2;
  return 0;
}
int handle(unsigned index, void** device) {
  if (index == 1) return 15;
  *device = reinterpret_cast<void*>(0x1234);
  return 0;
}
int name(void* device, char* text, unsigned size) {
  if (device != reinterpret_cast<void*>(0x1234)) return 2;
  std::strncpy(text, "NVIDIA H200", size);
  return 0;
}
int not_supported(void*, unsigned*) { return 3; }
int milliwatts(void*, unsigned* value) {
  *value = 700000;
  return 0;
}
int max_clock(void*, int type, unsigned* megahertz) {
  *megahertz = type == 1 ? 1980 : type == 2 ? 3201 : 0;
  return 0;
}
int application_clock(void*, int type, unsigned* megahertz) {
  *megahertz = type == 0 ? 1755 : type == 2 ? 2619 : 0;
  return 0;
}
int old_reasons(void*, unsigned long long* bits) {
  *bits = 0x20;
  return 0;
}
int ecc(void*, unsigned* current, unsigned* pending) {
  *current = 1;
  *pending = 0;
  return 0;
}
int pci(void*, char* raw) {
  std::memset(raw, 0, 68);
  std::strcpy(raw + 36, "00000000:C1:00.0");
  return 0;
}
int capability(void*, int* major, int* minor) {
  *major = 9;
  *minor = 0;
  return 0;
}
int memory(void*, unsigned long long* raw) {
  raw[0] = 100;
  raw[1] = 60;
  raw[2] = 40;
  return 0;
}
int processes(void*, unsigned* count, unsigned char* raw) {
  std::memset(raw, 0, 24 * 3);
  const unsigned pids[] = {11, 22, 33};
  for (int i = 0; i < 3; ++i) std::memcpy(raw + 24 * i, &pids[i], 4);
  *count = 3;
  return 0;
}
int fields(void*, int count, unsigned char* raw) {
  for (int i = 0; i < count; ++i, raw += 40) {
    unsigned field = 0;
    std::memcpy(&field, raw, 4);
    const int type = 1, result = field == 230 ? 0 : 3;
    const unsigned action = 2;
    std::memcpy(raw + 24, &type, 4);
    std::memcpy(raw + 28, &result, 4);
    std::memcpy(raw + 32, &action, 4);
  }
  return 0;
}
int cu_init(unsigned flags) { return flags == 0 ? 0 : 1; }
int cu_count(int* count) {
  *count = 1;
  return 0;
}
int cu_get(int* device, int ordinal) {
  *device = ordinal + 70;
  return 0;
}
int cu_name(char* text, int size, int device) {
  std::strncpy(text, device == 70 ? "NVIDIA H200" : "?", static_cast<std::size_t>(size));
  return 0;
}
int cu_bus(char* text, int size, int) {
  std::strncpy(text, "0000:C1:00.0", static_cast<std::size_t>(size));
  return 0;
}
int cu_uuid(unsigned char* bytes, int) {
  for (int i = 0; i < 16; ++i) bytes[i] = static_cast<unsigned char>(i * 17);
  return 0;
}
int cu_attribute(int* value, int which, int) {
  const std::map<int, int> known = {{16, 132}, {38, 62914560}, {75, 12}, {76, 1}};
  *value = known.at(which);
  return 0;
}
int cu_memory(std::size_t* bytes, int) {
  *bytes = std::size_t{150} << 30;
  return 0;
}
int cu_refused(unsigned) { return 802; }
}  // namespace fake

template <class Function>
void* address(Function* function) {
  return reinterpret_cast<void*>(function);
}

SymbolSource table(std::map<std::string, void*> symbols) {
  return [symbols](const char* name) { return symbols.contains(name) ? symbols.at(name) : nullptr; };
}

std::map<std::string, void*> nvml_symbols() {
  return {{"nvmlInit_v2", address(fake::ok)},
          {"nvmlShutdown", address(fake::ok)},
          {"nvmlSystemGetDriverVersion", address(fake::driver)},
          {"nvmlSystemGetCudaDriverVersion_v2", address(fake::cuda_version)},
          {"nvmlDeviceGetCount_v2", address(fake::two)},
          {"nvmlDeviceGetHandleByIndex_v2", address(fake::handle)},
          {"nvmlDeviceGetName", address(fake::name)},
          {"nvmlDeviceGetPciInfo_v3", address(fake::pci)},
          {"nvmlDeviceGetCudaComputeCapability", address(fake::capability)},
          {"nvmlDeviceGetMemoryInfo", address(fake::memory)},
          {"nvmlDeviceGetPersistenceMode", address(fake::not_supported)},
          {"nvmlDeviceGetEnforcedPowerLimit", address(fake::milliwatts)},
          {"nvmlDeviceGetMaxClockInfo", address(fake::max_clock)},
          {"nvmlDeviceGetApplicationsClock", address(fake::application_clock)},
          {"nvmlDeviceGetCurrentClocksThrottleReasons", address(fake::old_reasons)},
          {"nvmlDeviceGetEccMode", address(fake::ecc)},
          {"nvmlDeviceGetComputeRunningProcesses_v3", address(fake::processes)},
          {"nvmlDeviceGetFieldValues", address(fake::fields)}};
}

TEST(NvmlReader, ReadsWhatIsThereAndSaysWhyTheRestIsNot) {
  LibraryView view;
  read_nvml(table(nvml_symbols()), 22, view);
  EXPECT_EQ(view.init_code.value, 0);
  EXPECT_EQ(view.driver_version.value, "580.95.05");
  EXPECT_EQ(view.cuda_driver_version.value, 13000);
  ASSERT_EQ(view.gpus.size(), 2U);
  const Gpu& gpu = view.gpus[0];
  EXPECT_EQ(gpu.name.value, "NVIDIA H200");
  EXPECT_EQ(gpu.pci_bus_id.value, "0000:c1:00.0");
  EXPECT_EQ(gpu.compute_capability.value, 90);
  EXPECT_EQ(gpu.memory_bytes.value, 100);
  EXPECT_EQ(gpu.memory_free_bytes.value, 60);
  EXPECT_EQ(gpu.power_limit_w.value, 700);
  EXPECT_EQ(gpu.sm_clock_max_hz.value, 1980e6);
  EXPECT_EQ(gpu.memory_clock_max_hz.value, 3201e6);
  EXPECT_EQ(gpu.sm_clock_application_hz.value, 1755e6);
  EXPECT_EQ(gpu.memory_clock_application_hz.value, 2619e6);
  EXPECT_EQ(gpu.clocks_event_reasons.value, 0x20);  // by the old name, since the new one is missing
  EXPECT_EQ(gpu.ecc.value, true);
  EXPECT_EQ(gpu.ecc_pending.value, false);
  EXPECT_EQ(gpu.other_processes.value, 2);  // not our own
  EXPECT_EQ(gpu.recovery_action.value, 2);
  EXPECT_FALSE(gpu.persistence.value);
  EXPECT_EQ(gpu.persistence.reason, "not supported by this GPU");
  EXPECT_EQ(gpu.vbios.reason, "this driver's NVML lacks the function");
  for_each_gpu_field([&](const char* field, auto member) {
    EXPECT_NE((gpu.*member).value.has_value(), !(gpu.*member).reason.empty()) << field;
    EXPECT_NE((view.gpus[1].*member).reason.find("returned 15"), std::string::npos) << field;
  });
}

TEST(NvmlReader, WithNoFunctionsAtAllEverythingIsUnknown) {
  LibraryView view;
  read_nvml(table({}), 0, view);
  EXPECT_EQ(view.init_code.value, 13);
  EXPECT_FALSE(view.driver_version.value);
  EXPECT_FALSE(view.driver_version.reason.empty());
  EXPECT_TRUE(view.gpus.empty());
}

std::map<std::string, void*> cuda_symbols() {
  return {{"cuInit", address(fake::cu_init)},
          {"cuDriverGetVersion", address(fake::cuda_version)},
          {"cuDeviceGetCount", address(fake::cu_count)},
          {"cuDeviceGet", address(fake::cu_get)},
          {"cuDeviceGetName", address(fake::cu_name)},
          {"cuDeviceGetPCIBusId", address(fake::cu_bus)},
          {"cuDeviceGetUuid", address(fake::cu_uuid)},
          {"cuDeviceGetAttribute", address(fake::cu_attribute)},
          {"cuDeviceTotalMem_v2", address(fake::cu_memory)}};
}

TEST(CudaReader, ReadsADeviceWithoutAContext) {
  LibraryView view;
  read_cuda_driver(table(cuda_symbols()), view);
  EXPECT_EQ(view.cuda_driver_version.value, 13000);
  ASSERT_EQ(view.gpus.size(), 1U);
  const Gpu& gpu = view.gpus[0];
  EXPECT_EQ(gpu.cuda_ordinal.value, 0);
  EXPECT_EQ(gpu.name.value, "NVIDIA H200");
  EXPECT_EQ(gpu.pci_bus_id.value, "0000:c1:00.0");
  EXPECT_EQ(gpu.uuid.value, "GPU-00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(gpu.compute_capability.value, 121);
  EXPECT_EQ(gpu.sm_count.value, 132);
  EXPECT_EQ(gpu.l2_bytes.value, 62914560);
  EXPECT_EQ(gpu.memory_bytes.value, 150LL << 30);
}

TEST(CudaReader, KeepsTheCodeAndTheVersionWhenInitialisationFails) {
  std::map<std::string, void*> symbols = cuda_symbols();
  symbols["cuInit"] = address(fake::cu_refused);
  LibraryView view;
  read_cuda_driver(table(symbols), view);
  EXPECT_EQ(view.init_code.value, 802);
  EXPECT_EQ(view.cuda_driver_version.value, 13000);
  EXPECT_FALSE(view.device_count.value);
  EXPECT_TRUE(view.gpus.empty());
}

TEST(LibraryView, SurvivesThePipe) {
  LibraryView view;
  view.loaded = true;
  view.path = "/x/libnvidia-ml.so.580.95.05";
  view.notes.build_id = {"3057db9b", ""};
  view.notes.has_compat_note = {true, ""};
  view.notes.forward_compat = {ForwardCompat{"12.9", {535, 550}, {1, 2}}, ""};
  read_nvml(table(nvml_symbols()), 22, view);
  const nlohmann::json sent = to_json(view);
  EXPECT_EQ(to_json(library_view_from_json(nlohmann::json::parse(sent.dump()))), sent);
}

TEST(PciBusId, IsWrittenAsTheKernelDoes) {
  EXPECT_EQ(normal_pci_bus_id("00000000:C1:00.0"), "0000:c1:00.0");
  EXPECT_EQ(normal_pci_bus_id("0000:c1:00.0"), "0000:c1:00.0");
  EXPECT_EQ(normal_pci_bus_id("00010000:C1:00.0"), "00010000:c1:00.0");  // a domain that four digits can't hold
  EXPECT_EQ(normal_pci_bus_id(""), "");
}

TEST(ChildProcess, Answers) {
  const std::string large(300000, 'x');  // more than a pipe holds
  const ChildAnswer answer = run_in_child([&] { return large; }, std::chrono::seconds(30));
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.text, large);
}

TEST(ChildProcess, ThatHangsIsEnded) {
  const ChildAnswer answer = run_in_child(
      [] {
        pause();
        return std::string();
      },
      std::chrono::milliseconds(100));
  EXPECT_EQ(answer.error, "no answer within 0.1 s");
}

TEST(ChildProcess, ThatCrashesIsReported) {
  const ChildAnswer answer = run_in_child(
      [] {
        raise(SIGKILL);
        return std::string();
      },
      std::chrono::seconds(30));
  EXPECT_EQ(answer.error, "ended by signal 9");
  const ChildAnswer thrown = run_in_child([]() -> std::string { throw 1; }, std::chrono::seconds(30));
  EXPECT_EQ(thrown.error, "exit code 1");
}

}  // namespace
}  // namespace kernelgate

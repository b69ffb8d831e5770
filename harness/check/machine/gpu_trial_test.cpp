// The trial against a driver made of functions here: what it calls, and what it makes of the answers.
#include "harness/check/machine/gpu_trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "harness/check/machine/smoke/smoke_value.h"

namespace kernelgate {
namespace {

using testing::HasSubstr;

/// What the driver below answers; one test at a time.
struct Driver {
  std::map<std::string, int> codes;  ///< function -> what it returns; absent: success
  std::map<std::string, int> calls;
  int major = 9, minor = 0;
  int wrong_at = -1;  ///< this element comes out wrong
  bool writes = true;
  std::string jit_log;
  int clock_mhz = 345;  ///< rises with every reading
};
Driver driver;

int answer(const char* function) {
  ++driver.calls[function];
  const auto code = driver.codes.find(function);
  return code == driver.codes.end() ? 0 : code->second;
}

int cu_init(unsigned) { return answer("cuInit"); }
int device_get(int* device, int ordinal) {
  *device = ordinal;
  return answer("cuDeviceGet");
}
int device_attribute(int* value, int which, int) {
  *value = which == 75 ? driver.major : which == 76 ? driver.minor : 2;
  return answer("cuDeviceGetAttribute");
}
int pci_bus_id(char* text, int size, int) {
  std::strncpy(text, "0000:19:00.0", static_cast<std::size_t>(size));
  return answer("cuDeviceGetPCIBusId");
}
int retain(void** context, int) {
  *context = &driver;
  return answer("cuDevicePrimaryCtxRetain");
}
int set_current(void*) { return answer("cuCtxSetCurrent"); }
int release(int) { return answer("cuDevicePrimaryCtxRelease_v2"); }
int allocate(unsigned long long* address, std::size_t bytes) {
  const int code = answer("cuMemAlloc_v2");
  *address = code == 0 ? reinterpret_cast<unsigned long long>(new char[bytes]) : 0;
  return code;
}
int free_memory(unsigned long long address) {
  delete[] reinterpret_cast<char*>(address);
  return answer("cuMemFree_v2");
}
int allocate_host(void** address, std::size_t bytes, unsigned) {
  *address = new char[bytes];
  return answer("cuMemHostAlloc");
}
int free_host(void* address) {
  delete[] static_cast<char*>(address);
  return answer("cuMemFreeHost");
}
int fill(unsigned long long address, unsigned value, std::size_t count) {
  std::fill_n(reinterpret_cast<unsigned*>(address), count, value);
  return answer("cuMemsetD32_v2");
}
int load(void** module, const void* image, unsigned options, int* names, void** values) {
  *module = const_cast<void*>(image);
  for (unsigned i = 0; i < options; ++i) {
    if (names[i] == 5) std::strcpy(static_cast<char*>(values[i]), driver.jit_log.c_str());
  }
  return answer("cuModuleLoadDataEx");
}
int unload(void*) { return answer("cuModuleUnload"); }
int get_function(void** function, void*, const char* name) {
  *function = const_cast<char*>(name);
  return answer("cuModuleGetFunction");
}
int launch(void* function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*,
           void** arguments, void**) {
  if (std::strcmp(static_cast<char*>(function), "kernelgate_smoke") == 0 && driver.writes) {
    auto* out = reinterpret_cast<std::uint32_t*>(*static_cast<unsigned long long*>(arguments[0]));
    const std::uint32_t count = *static_cast<std::uint32_t*>(arguments[1]);
    const std::uint32_t seed = *static_cast<std::uint32_t*>(arguments[2]);
    for (std::uint32_t i = 0; i < count; ++i) out[i] = smoke_value(i, seed);
    if (driver.wrong_at >= 0) out[driver.wrong_at] ^= 1;
  }
  return answer("cuLaunchKernel");
}
int synchronize() { return answer("cuCtxSynchronize"); }
int copy_back(void* to, unsigned long long from, std::size_t bytes) {
  std::memcpy(to, reinterpret_cast<void*>(from), bytes);
  return answer("cuMemcpyDtoH_v2");
}
int copy_there(unsigned long long, const void*, std::size_t, void*) { return answer("cuMemcpyHtoDAsync_v2"); }
int make_stream(void** stream, unsigned) {
  *stream = &driver;
  return answer("cuStreamCreate");
}
int end_stream(void*) { return answer("cuStreamDestroy_v2"); }
int wait_for_stream(void*) { return answer("cuStreamSynchronize"); }

int nvml_init() { return answer("nvmlInit_v2"); }
int nvml_shutdown() { return answer("nvmlShutdown"); }
int nvml_handle(const char* bus_id, void** device) {
  *device = &driver;
  return std::strcmp(bus_id, "0000:19:00.0") == 0 ? answer("nvmlDeviceGetHandleByPciBusId_v2") : 6;
}
int nvml_generation(void*, unsigned* value) {
  *value = 5;
  return answer("nvmlDeviceGetCurrPcieLinkGeneration");
}
int nvml_clock(void*, int type, unsigned* mhz) {
  *mhz = type == 1 ? static_cast<unsigned>(driver.clock_mhz) : 3201U;
  if (type == 1) driver.clock_mhz = 1980;
  return answer("nvmlDeviceGetClockInfo");
}

void* symbol(const char* name) {
  static const std::map<std::string, void*> table = {
      {"cuInit", reinterpret_cast<void*>(cu_init)},
      {"cuDeviceGet", reinterpret_cast<void*>(device_get)},
      {"cuDeviceGetAttribute", reinterpret_cast<void*>(device_attribute)},
      {"cuDeviceGetPCIBusId", reinterpret_cast<void*>(pci_bus_id)},
      {"cuDevicePrimaryCtxRetain", reinterpret_cast<void*>(retain)},
      {"cuDevicePrimaryCtxRelease_v2", reinterpret_cast<void*>(release)},
      {"cuCtxSetCurrent", reinterpret_cast<void*>(set_current)},
      {"cuMemAlloc_v2", reinterpret_cast<void*>(allocate)},
      {"cuMemFree_v2", reinterpret_cast<void*>(free_memory)},
      {"cuMemHostAlloc", reinterpret_cast<void*>(allocate_host)},
      {"cuMemFreeHost", reinterpret_cast<void*>(free_host)},
      {"cuMemsetD32_v2", reinterpret_cast<void*>(fill)},
      {"cuModuleLoadDataEx", reinterpret_cast<void*>(load)},
      {"cuModuleUnload", reinterpret_cast<void*>(unload)},
      {"cuModuleGetFunction", reinterpret_cast<void*>(get_function)},
      {"cuLaunchKernel", reinterpret_cast<void*>(launch)},
      {"cuCtxSynchronize", reinterpret_cast<void*>(synchronize)},
      {"cuMemcpyDtoH_v2", reinterpret_cast<void*>(copy_back)},
      {"cuMemcpyHtoDAsync_v2", reinterpret_cast<void*>(copy_there)},
      {"cuStreamCreate", reinterpret_cast<void*>(make_stream)},
      {"cuStreamDestroy_v2", reinterpret_cast<void*>(end_stream)},
      {"cuStreamSynchronize", reinterpret_cast<void*>(wait_for_stream)},
      {"nvmlInit_v2", reinterpret_cast<void*>(nvml_init)},
      {"nvmlShutdown", reinterpret_cast<void*>(nvml_shutdown)},
      {"nvmlDeviceGetHandleByPciBusId_v2", reinterpret_cast<void*>(nvml_handle)},
      {"nvmlDeviceGetCurrPcieLinkGeneration", reinterpret_cast<void*>(nvml_generation)},
      {"nvmlDeviceGetClockInfo", reinterpret_cast<void*>(nvml_clock)},
  };
  const auto found = table.find(name);
  return found == table.end() ? nullptr : found->second;
}

constexpr SmokeImage images[] = {
    {"sm_80", "80", false, "elf"}, {"sm_90a", "90a", false, "elf"}, {"PTX 9.0", "80", true, "ptx"}};

GpuTrial trial_of(const Driver& answers) {
  driver = answers;
  GpuTrial trial;
  try_gpu(symbol, symbol, 0, images, trial);
  return gpu_trial_from_json(to_json(trial));  // as it comes through the pipe
}

TEST(GpuTrial, EveryImageThatFitsRunsAndIsRight) {
  const GpuTrial trial = trial_of({});
  EXPECT_EQ(trial.failed_code(), 0);
  ASSERT_EQ(trial.images.size(), 3U);
  EXPECT_FALSE(trial.images[0].fits);
  EXPECT_FALSE(trial.images[0].code.value);
  EXPECT_TRUE(trial.images[1].works());
  EXPECT_TRUE(trial.images[2].works());
  EXPECT_EQ(trial.pcie_generation.value, 5);
  EXPECT_FALSE(trial.pcie_width.value);  // this NVML lacks the function
  EXPECT_EQ(trial.pcie_width.reason, "not read under load");
  EXPECT_EQ(trial.sm_clock_hz.value, 1980e6);  // not the idle clock of the first reading
  EXPECT_GT(trial.host_to_device_bytes_per_s.value.value_or(0), 0);
}

TEST(GpuTrial, EverythingIsGivenBack) {
  trial_of({});
  const auto calls = [](const char* name) { return driver.calls[name]; };
  EXPECT_EQ(calls("cuModuleLoadDataEx"), calls("cuModuleUnload"));
  EXPECT_EQ(calls("cuMemAlloc_v2"), calls("cuMemFree_v2"));
  EXPECT_EQ(calls("cuMemHostAlloc"), calls("cuMemFreeHost"));
  EXPECT_EQ(calls("cuStreamCreate"), calls("cuStreamDestroy_v2"));
  EXPECT_EQ(calls("cuDevicePrimaryCtxRetain"), calls("cuDevicePrimaryCtxRelease_v2"));
  EXPECT_EQ(calls("nvmlInit_v2"), calls("nvmlShutdown"));
}

TEST(GpuTrial, AWrongNumberIsNamed) {
  Driver answers;
  answers.wrong_at = 17;
  const GpuTrial trial = trial_of(answers);
  EXPECT_EQ(trial.images[1].right.value, false);
  EXPECT_THAT(trial.images[1].wrong, HasSubstr("1 of 4096 numbers, the first at 17"));
}

TEST(GpuTrial, NumbersThatWereNeverWrittenAreWrong) {
  Driver answers;
  answers.writes = false;
  const GpuTrial trial = trial_of(answers);
  EXPECT_THAT(trial.images[1].wrong, HasSubstr("4096 of 4096"));
  EXPECT_THAT(trial.images[1].wrong, HasSubstr("never written"));
}

TEST(GpuTrial, TheFirstCodeIsKeptWithItsStep) {
  for (const char* step :
       {"cuModuleLoadDataEx", "cuModuleGetFunction", "cuLaunchKernel", "cuCtxSynchronize", "cuMemcpyDtoH_v2"}) {
    Driver answers;
    answers.codes[step] = 700;
    const GpuTrial trial = trial_of(answers);
    EXPECT_EQ(trial.images[1].code.value, 700) << step;
    EXPECT_EQ(trial.images[1].step, step);
    EXPECT_FALSE(trial.images[1].right.value) << step;
    EXPECT_FALSE(trial.images[1].works());
  }
}

TEST(GpuTrial, TheCompilersFirstLineIsKept) {
  Driver answers;
  answers.jit_log = "ptxas fatal : Unsupported .version 9.0\nsecond line";
  answers.codes["cuModuleLoadDataEx"] = 222;
  EXPECT_EQ(trial_of(answers).images[2].log, "ptxas fatal : Unsupported .version 9.0");
}

TEST(GpuTrial, ContextAndMemoryAreToldApart) {
  Driver answers;
  answers.codes["cuDevicePrimaryCtxRetain"] = 46;
  GpuTrial trial = trial_of(answers);
  EXPECT_EQ(trial.context_code.value, 46);
  EXPECT_FALSE(trial.memory_code.value);
  EXPECT_EQ(trial.failed_code(), 46);
  EXPECT_TRUE(trial.images.empty());
  answers.codes = {{"cuMemAlloc_v2", 2}};
  trial = trial_of(answers);
  EXPECT_EQ(trial.context_code.value, 0);
  EXPECT_EQ(trial.failed_code(), 2);
  EXPECT_EQ(driver.calls["cuDevicePrimaryCtxRelease_v2"], 1);
}

TEST(GpuTrial, WithoutALibraryNothingCrashes) {
  GpuTrial trial;
  try_gpu(nullptr, nullptr, 0, images, trial);
  EXPECT_EQ(trial.failed_code(), 500);
}

TEST(ImageFits, ByArchitecture) {
  const struct {
    const char* architecture;
    bool ptx;
    int cc;
    bool fits;
  } rows[] = {{"80", false, 80, true},    {"80", false, 86, true},   {"86", false, 80, false},
              {"80", false, 90, false},   {"90a", false, 90, true},  {"90a", false, 100, false},
              {"120f", false, 121, true}, {"80", true, 90, true},    {"90", true, 80, false},
              {"90a", true, 100, false},  {"", false, 90, false},    {"x", true, 90, false},
              {"100", false, 103, true},  {"120", false, 100, false}};
  for (const auto& row : rows) {
    EXPECT_EQ(image_fits(row.architecture, row.ptx, row.cc), row.fits) << row.architecture << " on " << row.cc;
  }
}

TEST(SmokeImages, AreWhatTheySay) {
  ASSERT_FALSE(smoke_images().empty());
  for (const SmokeImage& image : smoke_images()) {
    if (image.ptx) {
      EXPECT_THAT(std::string(image.bytes), HasSubstr(".target sm_" + std::string(image.architecture)));
      EXPECT_THAT(std::string(image.bytes), HasSubstr(".version " + std::string(image.name.substr(4))));
      EXPECT_EQ(image.bytes.back(), '\0');
    } else {
      EXPECT_TRUE(
          image.bytes.starts_with("\x7f"
                                  "ELF"));
      EXPECT_EQ(image.name, "sm_" + std::string(image.architecture));
    }
    EXPECT_NE(image.bytes.find("kernelgate_smoke"), std::string_view::npos);
  }
}

}  // namespace
}  // namespace kernelgate

// A made-up libcuda.so.1: devices, contexts, memory and events, on the host. Every function first does what the
// settings say of it. Signatures and numbers from NVIDIA's cuda.h; images and kernels are in libcuda_images.cpp.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "harness/check/fake/driver/gpu_identity.h"
#include "harness/check/fake/driver/gpu_work.h"
#include "harness/check/fake/driver/settings.h"

namespace kernelgate::fake {
namespace {

constexpr int success = 0, invalid_value = 1, out_of_memory = 2, not_initialized = 3, no_device = 100,
              invalid_device = 101, not_found = 500, unknown = 999;

using Event = double;  // seconds

bool initialized = false;
std::vector<int> visible;  // a device's number is its place here; the value is the GPU's

// As CUDA reads CUDA_VISIBLE_DEVICES: numbers or beginnings of UUIDs; the first that fits no GPU ends the list.
std::vector<int> visible_gpus() {
  std::vector<int> all, chosen;
  std::istringstream order(setting("cuda_order"));
  for (std::string number; std::getline(order, number, ',');) all.push_back(std::atoi(number.c_str()));
  for (int gpu = static_cast<int>(all.size()); gpu < gpu_count(); ++gpu) all.push_back(gpu);
  const char* set = std::getenv("CUDA_VISIBLE_DEVICES");
  if (!set) return all;
  std::istringstream words(set);
  for (std::string word; std::getline(words, word, ',');) {
    int found = -1;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool uuid = word.starts_with("GPU-") && uuid_text(all[i]).starts_with(word);
      if (word == std::to_string(i) || uuid) found = all[i];
    }
    if (found < 0) break;
    chosen.push_back(found);
  }
  return chosen;
}

int gpu_of(int device) { return visible[static_cast<std::size_t>(device)]; }

// The code to return before `device` may be used.
int refusal(const char* function, int device) {
  if (const int code = answer(function)) return code;
  if (!initialized) return not_initialized;
  return device < 0 || device >= static_cast<int>(visible.size()) ? invalid_device : success;
}

int copy_text(const std::string& text, char* into, int size) {
  if (size <= 0) return invalid_value;
  std::snprintf(into, static_cast<std::size_t>(size), "%s", text.c_str());
  return success;
}

// What drivers do besides answering: print, and leave a helper running.
void misbehave() {
  if (const std::string text = setting("prints"); !text.empty()) {
    std::printf("%s\n", text.c_str());
    std::fflush(stdout);
  }
  if (setting("leaves_a_process") == "1" && fork() == 0) {
    while (true) pause();
  }
}

int allocate(const char* function, void** memory, std::size_t size) {
  if (const int code = answer(function)) return code;
  *memory = std::malloc(size);
  note_memory(*memory);
  return *memory ? success : out_of_memory;
}

int copy(const char* function, void* into, const void* from, std::size_t size, Way way = Way::host) {
  if (const int code = answer(function)) return code;
  if (is_lost()) return unknown;
  std::memcpy(into, from, size);
  take_copy(size, way);
  return success;
}

}  // namespace
}  // namespace kernelgate::fake

using namespace kernelgate::fake;

// Device pointers are the host's own, as on a system with unified addresses.
extern "C" {

int cuInit(unsigned) {
  misbehave();
  if (const int code = answer("cuInit")) return code;
  visible = visible_gpus();
  initialized = true;
  return visible.empty() ? no_device : success;
}

int cuDriverGetVersion(int* version) {
  if (const int code = answer("cuDriverGetVersion")) return code;
  *version = std::atoi(setting("cuda_version").c_str());
  return success;
}

int cuDeviceGetCount(int* count) {
  if (const int code = answer("cuDeviceGetCount")) return code;
  *count = static_cast<int>(visible.size());
  return initialized ? success : not_initialized;
}

int cuDeviceGet(int* device, int ordinal) {
  *device = ordinal;
  return refusal("cuDeviceGet", ordinal);
}

int cuDeviceGetName(char* name, int size, int device) {
  if (const int code = refusal("cuDeviceGetName", device)) return code;
  return copy_text(setting_of(gpu_of(device), "name"), name, size);
}

int cuDeviceGetPCIBusId(char* text, int size, int device) {
  if (const int code = refusal("cuDeviceGetPCIBusId", device)) return code;
  return copy_text(pci_bus_id(gpu_of(device)), text, size);
}

int cuDeviceGetUuid_v2(unsigned char* bytes, int device) {
  if (const int code = refusal("cuDeviceGetUuid_v2", device)) return code;
  std::memcpy(bytes, uuid_bytes(gpu_of(device)).data(), 16);
  return success;
}

int cuDeviceGetUuid(unsigned char* bytes, int device) { return cuDeviceGetUuid_v2(bytes, device); }

int cuDeviceTotalMem_v2(std::size_t* bytes, int device) {
  if (const int code = refusal("cuDeviceTotalMem_v2", device)) return code;
  *bytes = std::strtoull(setting_of(gpu_of(device), "memory").c_str(), nullptr, 10);
  return success;
}

int cuDeviceGetAttribute(int* value, int which, int device) {
  if (const int code = refusal("cuDeviceGetAttribute", device)) return code;
  static const std::map<int, const char*> keys = {{16, "sm_count"}, {20, "compute_mode"}, {37, "bus_width"},
                                                  {38, "l2_bytes"}, {75, "cc"},           {76, "cc"}};
  const auto key = keys.find(which);
  std::int64_t number = 0;
  if (key == keys.end() || !number_of(gpu_of(device), key->second, number)) return invalid_value;
  if (which == 75) number /= 10;
  if (which == 76) number %= 10;
  *value = static_cast<int>(number);
  return success;
}

int cuDevicePrimaryCtxRetain(void** context, int device) {
  if (const int code = refusal("cuDevicePrimaryCtxRetain", device)) return code;
  *context = &visible[static_cast<std::size_t>(device)];
  return success;
}

int cuDevicePrimaryCtxRelease_v2(int device) { return refusal("cuDevicePrimaryCtxRelease_v2", device); }

int cuCtxCreate_v2(void** context, unsigned, int device) {
  if (const int code = refusal("cuCtxCreate_v2", device)) return code;
  *context = &visible[static_cast<std::size_t>(device)];
  return success;
}

int cuCtxDestroy_v2(void*) { return answer("cuCtxDestroy_v2"); }
int cuCtxSetCurrent(void* context) {
  if (context) set_current_gpu(*static_cast<const int*>(context));
  return answer("cuCtxSetCurrent");
}
int cuCtxGetCurrent(void** context) {
  *context = nullptr;  // whoever wants one makes it current
  return answer("cuCtxGetCurrent");
}
int cuCtxPushCurrent_v2(void*) { return answer("cuCtxPushCurrent_v2"); }
int cuCtxPopCurrent_v2(void** context) {
  if (context) *context = visible.data();
  return answer("cuCtxPopCurrent_v2");
}
int cuCtxSynchronize() { return answer("cuCtxSynchronize"); }

int cuMemAlloc_v2(void** memory, std::size_t size) { return allocate("cuMemAlloc_v2", memory, size); }
int cuMemAllocHost_v2(void** memory, std::size_t size) { return allocate("cuMemAllocHost_v2", memory, size); }
int cuMemHostAlloc(void** memory, std::size_t size, unsigned) { return allocate("cuMemHostAlloc", memory, size); }
int cuMemFree_v2(void* memory) {
  std::free(memory);
  return answer("cuMemFree_v2");
}
int cuMemFreeHost(void* memory) {
  std::free(memory);
  return answer("cuMemFreeHost");
}

int cuMemcpyHtoD_v2(void* into, const void* from, std::size_t n) { return copy("cuMemcpyHtoD_v2", into, from, n); }
int cuMemcpyDtoH_v2(void* into, const void* from, std::size_t n) { return copy("cuMemcpyDtoH_v2", into, from, n); }
int cuMemcpyHtoDAsync_v2(void* into, const void* from, std::size_t n, void*) {
  return copy("cuMemcpyHtoDAsync_v2", into, from, n);
}
int cuMemcpyDtoHAsync_v2(void* into, const void* from, std::size_t n, void*) {
  return copy("cuMemcpyDtoHAsync_v2", into, from, n);
}
int cuMemcpyDtoDAsync_v2(void* into, const void* from, std::size_t n, void*) {
  const bool own = owner_of(into) == owner_of(from);
  if (own) take_copy(n, Way::own_memory);  // read and written
  return copy("cuMemcpyDtoDAsync_v2", into, from, n, own ? Way::own_memory : Way::other_gpu);
}
int cuDeviceCanAccessPeer(int* can, int device, int peer) {
  if (const int code = refusal("cuDeviceCanAccessPeer", device)) return code;
  std::int64_t links = 0;
  *can = number_of(gpu_of(peer), "nvlinks", links) && links > 0 ? 1 : 0;
  return success;
}
int cuCtxEnablePeerAccess(void*, unsigned) { return answer("cuCtxEnablePeerAccess"); }
int cuMemsetD8_v2(void* into, unsigned char value, std::size_t size) {
  if (const int code = answer("cuMemsetD8_v2")) return code;
  std::memset(into, value, size);
  return success;
}
int cuMemsetD32_v2(unsigned* into, unsigned value, std::size_t count) {
  if (const int code = answer("cuMemsetD32_v2")) return code;
  for (std::size_t i = 0; i < count; ++i) into[i] = value;
  return success;
}

int cuMemsetD32Async(unsigned* into, unsigned value, std::size_t count, void*) {
  if (const int code = answer("cuMemsetD32Async")) return code;
  return cuMemsetD32_v2(into, value, count);
}

int cuMemGetInfo_v2(std::size_t* free_bytes, std::size_t* total) {
  if (const int code = answer("cuMemGetInfo_v2")) return code;
  *free_bytes = std::strtoull(setting("memory_free").c_str(), nullptr, 10);
  *total = std::strtoull(setting("memory").c_str(), nullptr, 10);
  return success;
}

int cuStreamCreate(void** stream, unsigned) {
  *stream = visible.data();
  return answer("cuStreamCreate");
}
int cuStreamSynchronize(void*) { return answer("cuStreamSynchronize"); }
int cuStreamDestroy_v2(void*) { return answer("cuStreamDestroy_v2"); }

int cuEventCreate(Event** event, unsigned) {
  if (const int code = answer("cuEventCreate")) return code;
  *event = new Event{};
  return success;
}
int cuEventRecord(Event* event, void*) {
  *event = gpu_time();
  return answer("cuEventRecord");
}
int cuEventSynchronize(Event*) { return is_lost() ? unknown : answer("cuEventSynchronize"); }
int cuEventQuery(Event*) { return answer("cuEventQuery"); }
int cuEventElapsedTime_v2(float* milliseconds, const Event* start, const Event* end) {
  *milliseconds = static_cast<float>(1e3 * (*end - *start));
  return answer("cuEventElapsedTime_v2");
}
int cuEventElapsedTime(float* milliseconds, const Event* start, const Event* end) {
  return cuEventElapsedTime_v2(milliseconds, start, end);
}
int cuEventDestroy_v2(const Event* event) {
  delete event;
  return answer("cuEventDestroy_v2");
}

int cuGetErrorString(int, const char** text) {
  *text = "an error of the made-up driver";
  return success;
}
int cuGetErrorName(int, const char** text) {
  *text = "CUDA_ERROR_MADE_UP";
  return success;
}

// CUDA's runtime finds everything through this one. Of several versions of a function it wants the newest.
int cuGetProcAddress_v2(const char* symbol, void** function, int, std::uint64_t, int* status) {
  if (const int code = answer("cuGetProcAddress_v2")) return code;
  Dl_info self{};
  dladdr(reinterpret_cast<void*>(&cuGetProcAddress_v2), &self);
  void* library = dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  *function = nullptr;
  for (const char* version : {"_v4", "_v3", "_v2", ""}) {
    if (!*function) *function = dlsym(library, (std::string(symbol) + version).c_str());
  }
  if (library) dlclose(library);
  if (status) *status = *function ? 0 : 1;
  return *function ? success : not_found;
}

int cuGetProcAddress(const char* symbol, void** function, int version, std::uint64_t flags) {
  return cuGetProcAddress_v2(symbol, function, version, flags, nullptr);
}
}

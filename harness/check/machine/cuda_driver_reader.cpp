// What libcuda knows without making a context.
#include <fmt/core.h>

#include <array>

#include "harness/base/json/fact_json.h"
#include "harness/check/machine/cuda_driver.h"
#include "harness/check/machine/driver_libraries.h"

namespace kernelgate {
namespace {

Fact<std::int64_t> attribute(const CudaDriver& cuda, CuDeviceAttribute which, int device) {
  int value = 0;
  const CuResult code = cuda.attribute(which, device, value);
  if (code != 0) return missing<std::int64_t>(fmt::format("cuDeviceGetAttribute returned {}", code));
  return {value, ""};
}

Fact<std::string> text(CuResult code, const char* function, const char* value) {
  if (code != 0) return missing<std::string>(fmt::format("{} returned {}", function, code));
  return {value, ""};
}

// As NVML and nvidia-smi write it.
std::string uuid_text(const std::array<unsigned char, 16>& bytes, bool instance) {
  std::string text = instance ? "MIG" : "GPU";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 0 || i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", bytes[i]);
  }
  return text;
}

Gpu read_device(const CudaDriver& cuda, int ordinal, int device) {
  Gpu gpu;
  for_each_gpu_field([&](const char*, auto member) { (gpu.*member).reason = "CUDA does not tell; NVML would"; });
  gpu.cuda_ordinal = {ordinal, ""};
  std::array<char, 128> buffer{};
  CuResult code = cuda.call("cuDeviceGetName", buffer.data(), 127, device);
  gpu.name = text(code, "cuDeviceGetName", buffer.data());
  buffer.fill(0);
  code = cuda.call("cuDeviceGetPCIBusId", buffer.data(), 127, device);
  gpu.pci_bus_id = text(code, "cuDeviceGetPCIBusId", buffer.data());
  if (gpu.pci_bus_id.value) gpu.pci_bus_id.value = normal_pci_bus_id(*gpu.pci_bus_id.value);
  std::array<unsigned char, 16> uuid{};
  code = cuda.call("cuDeviceGetUuid_v2", uuid.data(), device);  // since 11.4; the only one that knows MIG
  if (code == cuda_symbol_not_found) code = cuda.call("cuDeviceGetUuid", uuid.data(), device);
  const bool instance = gpu.name.value && gpu.name.value->find(" MIG ") != std::string::npos;
  gpu.uuid = text(code, "cuDeviceGetUuid", uuid_text(uuid, instance).c_str());
  const Fact<std::int64_t> major = attribute(cuda, CuDeviceAttribute::major, device);
  const Fact<std::int64_t> minor = attribute(cuda, CuDeviceAttribute::minor, device);
  gpu.compute_capability = major;
  if (major.value && minor.value) gpu.compute_capability = {*major.value * 10 + *minor.value, ""};
  gpu.sm_count = attribute(cuda, CuDeviceAttribute::sm_count, device);
  gpu.l2_bytes = attribute(cuda, CuDeviceAttribute::l2_bytes, device);
  std::size_t bytes = 0;
  code = cuda.call("cuDeviceTotalMem_v2", &bytes, device);
  gpu.memory_bytes = code == 0 ? Fact<std::int64_t>{static_cast<std::int64_t>(bytes), ""}
                               : missing<std::int64_t>(fmt::format("cuDeviceTotalMem_v2 returned {}", code));
  return gpu;
}

}  // namespace

void read_cuda_driver(const SymbolSource& symbols, LibraryView& view) {
  const CudaDriver cuda(symbols);
  view.driver_version = missing<std::string>("libcuda does not tell; NVML would");
  // The version needs no initialisation, and says most when initialisation fails. A stub library answers 34.
  int version = 0;
  CuResult code = cuda.call("cuDriverGetVersion", &version);
  view.cuda_driver_version = code == 0 ? Fact<std::int64_t>{version, ""}
                                       : missing<std::int64_t>(fmt::format("cuDriverGetVersion returned {}", code));
  code = cuda.call("cuInit", 0U);
  view.init_code = {code, ""};
  view.device_count = missing<std::int64_t>(fmt::format("cuInit returned {}", code));
  if (code != 0) return;
  int count = 0;
  code = cuda.call("cuDeviceGetCount", &count);
  view.device_count = code == 0 ? Fact<std::int64_t>{count, ""}
                                : missing<std::int64_t>(fmt::format("cuDeviceGetCount returned {}", code));
  for (int i = 0; i < count; ++i) {
    int device = 0;
    if (cuda.call("cuDeviceGet", &device, i) == 0) view.gpus.push_back(read_device(cuda, i, device));
  }
}

}  // namespace kernelgate

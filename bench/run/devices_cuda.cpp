#include <cuda_runtime_api.h>

#include "bench/run/devices.h"

namespace kernelgate {

std::optional<Device> cuda_device(int ordinal, std::string& reason) {
  int count = 0;
  if (const cudaError_t status = cudaGetDeviceCount(&count); status != cudaSuccess) {
    int driver = 0;  // the runtime says "insufficient driver" of none, too
    const bool none = cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0;
    if (none && status == cudaErrorInsufficientDriver) {
      reason = "there is no NVIDIA driver here";
      return std::nullopt;
    }
    reason = std::string(cudaGetErrorString(status)) + " (" + cudaGetErrorName(status) + ")";
    return std::nullopt;
  }
  if (ordinal >= count) {
    reason = "there is no GPU " + std::to_string(ordinal) + ": CUDA sees " + std::to_string(count);
    return std::nullopt;
  }
  cudaDeviceProp properties{};
  if (const cudaError_t status = cudaGetDeviceProperties(&properties, ordinal); status != cudaSuccess) {
    reason = cudaGetErrorString(status);
    return std::nullopt;
  }
  Device device;
  device.kind = DeviceKind::cuda;
  device.ordinal = ordinal;
  device.compute_capability = properties.major * 10 + properties.minor;
  device.multiprocessors = properties.multiProcessorCount;
  device.shared_bytes_per_block = properties.sharedMemPerBlockOptin;
  device.l2_bytes = static_cast<std::size_t>(properties.l2CacheSize);
  device.threads = usable_cores();
  device.name = properties.name;
  return device;
}

}  // namespace kernelgate

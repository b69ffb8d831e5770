#include <cuda_runtime_api.h>

#include "bench/run/devices.h"

namespace kernelgate {
namespace {

/// Dense f16 products of a multiprocessor in a clock, two operations each; of later architectures not known.
/// Source: NVIDIA's architecture whitepapers (Turing, GA100, GA102, AD102, GH100, GB100).
double flop_per_clock(int compute_capability) {
  switch (compute_capability) {
    case 75:
      return 1024;
    case 80:
    case 120:
      return 2048;
    case 86:
    case 89:
      return 1024;
    case 90:
      return 4096;
    case 100:
    case 103:
      return 8192;
    default:
      return 0;
  }
}

double attribute(cudaDeviceAttr which, int ordinal) {
  int value = 0;
  return cudaDeviceGetAttribute(&value, which, ordinal) == cudaSuccess ? value : 0;
}

}  // namespace

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
  const double clock_hz = 1e3 * attribute(cudaDevAttrClockRate, ordinal);
  device.flop_per_s = flop_per_clock(device.compute_capability) * device.multiprocessors * clock_hz;
  // Two transfers a clock: of each of its pins.
  device.bytes_per_s = 2 * 1e3 * attribute(cudaDevAttrMemoryClockRate, ordinal) *
                       attribute(cudaDevAttrGlobalMemoryBusWidth, ordinal) / 8;
  device.threads = usable_cores();
  device.name = properties.name;
  return device;
}

}  // namespace kernelgate

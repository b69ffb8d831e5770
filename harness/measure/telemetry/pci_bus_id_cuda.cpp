#include <cuda_runtime_api.h>

#include <array>

#include "harness/measure/telemetry/telemetry.h"

namespace kernelgate {

std::string cuda_pci_bus_id(int ordinal) {
  std::array<char, 32> bus_id{};
  return cudaDeviceGetPCIBusId(bus_id.data(), bus_id.size(), ordinal) == cudaSuccess ? bus_id.data() : "";
}

}  // namespace kernelgate

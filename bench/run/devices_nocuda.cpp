#include "bench/run/devices.h"

namespace kernelgate {

std::optional<Device> cuda_device(int, std::string& reason) {
  reason = "this program was built without CUDA; build it where nvcc is found";
  return std::nullopt;
}

}  // namespace kernelgate

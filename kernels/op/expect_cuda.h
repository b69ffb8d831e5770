#pragma once
// What every call of CUDA's runtime is asked: did it work?

#include <cuda_runtime_api.h>

#include <string>

#include "kernels/op/error.h"

namespace kernelgate {

/// Errors  DeviceError that names the call.
inline void expect_cuda(cudaError_t status, const std::string& call) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // a sticky error would be blamed on the next call
  throw DeviceError(call + ": " + cudaGetErrorString(status) + " (" + cudaGetErrorName(status) + ")");
}

}  // namespace kernelgate

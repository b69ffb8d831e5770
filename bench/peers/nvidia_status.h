#pragma once
// What a status of NVIDIA's libraries becomes.

#include <cublas_api.h>
#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include "kernels/op/error.h"

namespace kernelgate {

/// Errors  DeviceError.
inline void check_cuda(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // a failure that is reported here must not be found by the next, unrelated call
  throw DeviceError(fmt::format("{}: {}", call, cudaGetErrorString(status)));
}

/// Of cuBLAS and cuBLASLt; `text_of` is the library's own, which is loaded by then.
///
/// Errors  Unsupported for what the library does not do, DeviceError for everything else.
inline void check_cublas(cublasStatus_t status, const char* call, const char* (*text_of)(cublasStatus_t)) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  const std::string text = fmt::format("{}: {}", call, text_of(status));
  if (status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_ARCH_MISMATCH) throw Unsupported(text);
  throw DeviceError(text);
}

}  // namespace kernelgate

#pragma once
// Calls libcuda by name. Numbers from NVIDIA's cuda.h.

#include "harness/check/machine/symbol_source.h"

namespace kernelgate {

using CuResult = int;
inline constexpr CuResult cuda_symbol_not_found = 500;  // CUDA_ERROR_NOT_FOUND: a named symbol was not found

enum class CuDeviceAttribute : int { sm_count = 16, l2_bytes = 38, major = 75, minor = 76 };

/// Refers to `symbols`, which must outlive it; without any, or without the function, `call` returns
/// `cuda_symbol_not_found`.
class CudaDriver {
 public:
  explicit CudaDriver(const SymbolSource& symbols) : symbols_(symbols) {}

  template <class... Args>
  CuResult call(const char* name, Args... args) const {
    void* symbol = symbols_ ? symbols_(name) : nullptr;
    if (!symbol) return cuda_symbol_not_found;
    return reinterpret_cast<CuResult (*)(Args...)>(symbol)(args...);
  }

  CuResult attribute(CuDeviceAttribute which, int device, int& value) const {
    return call("cuDeviceGetAttribute", &value, static_cast<int>(which), device);
  }

 private:
  const SymbolSource& symbols_;
};

}  // namespace kernelgate

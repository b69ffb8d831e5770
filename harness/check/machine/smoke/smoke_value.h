#pragma once
// What the smoke kernel must compute: one function for the GPU, for the check of its numbers, and for a made-up driver.

#include <cstdint>

#if defined(__CUDACC__)
#define KERNELGATE_SMOKE_FUNCTION __host__ __device__ constexpr
#else
#define KERNELGATE_SMOKE_FUNCTION constexpr
#endif

namespace kernelgate {

/// Element i of the kernel's output, for a seed that the host chooses: a constant buffer can't pass for it.
KERNELGATE_SMOKE_FUNCTION std::uint32_t smoke_value(std::uint32_t i, std::uint32_t seed) {
  return (i * 2654435761u) ^ (seed + (i >> 3));
}

}  // namespace kernelgate

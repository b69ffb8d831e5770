// Kernels of the trial: one whose numbers are known, one that keeps the SMs busy. Compiled for each architecture by
// itself and loaded through the driver, so that each image is seen to work or not.
#include <cstdint>

#include "harness/check/machine/smoke/smoke_value.h"

// out[i] = smoke_value(i, seed), by way of every part of an SM that a broken one would get wrong: integer and floating
// point arithmetic, shared memory across warps, a shuffle within one.
//
// Shapes  out: n elements, n a multiple of 256; blocks of 256 threads.
extern "C" __global__ void kernelgate_smoke(std::uint32_t* out, std::uint32_t n, std::uint32_t seed) {
  constexpr unsigned BLOCK = 256;
  __shared__ std::uint32_t exchanged[BLOCK];
  const unsigned thread = threadIdx.x, mirrored = BLOCK - 1 - thread;
  const std::uint32_t block_begin = blockIdx.x * BLOCK;
  std::uint32_t value = kernelgate::smoke_value(block_begin + mirrored, seed);
  // 3x + 1 of 16 bits is exact in single precision, and so is the way back.
  const float low = static_cast<float>(value & 0xffffu);
  const float there = fmaf(low, 3.0f, 1.0f);
  value = (value & 0xffff0000u) | static_cast<std::uint32_t>((there - 1.0f) / 3.0f);
  exchanged[thread] = value;
  __syncthreads();
  value = exchanged[BLOCK - 1 - (thread ^ 1u)];    // the neighbour's
  value = __shfl_xor_sync(0xffffffffu, value, 1);  // and back
  if (block_begin + thread < n) out[block_begin + thread] = value;
}

// Runs for about `cycles` clock cycles and writes something that depends on the work, which so can't be left out.
extern "C" __global__ void kernelgate_spin(float* out, long long cycles) {
  const long long begin = clock64();
  float x = threadIdx.x * 1e-3f, y = 1.0f;
  while (clock64() - begin < cycles) {
#pragma unroll
    for (int i = 0; i < 64; ++i) {
      x = fmaf(x, 0.999f, y);
      y = fmaf(y, 0.998f, 0.001f);
    }
  }
  if (x == -1.0f) out[0] = y;
}

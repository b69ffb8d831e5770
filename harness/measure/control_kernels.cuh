#pragma once
// What the control kernels of a GPU compute. Frozen: see controls.h. What matters is in PTX, with operands that the
// compiler does not know; nothing here is a template or comes from kernels/.
//
// On an H200 (driver 580.159.04, 2026-11-27) a sample takes 40 us (alu), 33 us (tensor_core), 69 us (dram_copy) and
// 10 us (launch).

#include <cuda_fp16.h>

#include <cstddef>

namespace kernelgate {
namespace {

constexpr int chain_steps = 16384;                                // of 4 to 5 cycles
constexpr int chain_threads = 128;                                // one warp for each scheduler of an SM
constexpr unsigned multiplier = 1664525, increment = 1013904223;  // Numerical Recipes' generator

__global__ void chain_kernel(unsigned* state, unsigned scale, unsigned shift) {
  unsigned x = state[blockIdx.x * blockDim.x + threadIdx.x];
#pragma unroll 16
  for (int i = 0; i < chain_steps; ++i) asm volatile("mad.lo.u32 %0, %0, %1, %2;" : "+r"(x) : "r"(scale), "r"(shift));
  state[blockIdx.x * blockDim.x + threadIdx.x] = x;
}

/// Where the chain ends, by squaring the step instead of repeating it.
unsigned end_of_chain(unsigned x) {
  unsigned scale = multiplier, shift = increment;
  for (int left = chain_steps; left > 0; left /= 2) {
    if (left % 2 == 1) x = x * scale + shift;
    shift = shift * scale + shift;
    scale = scale * scale;
  }
  return x;
}

constexpr int mma_steps = 1024;
constexpr int mma_tiles = 4;  // of 8 columns: products in flight that need not wait for each other
constexpr int mma_warps = 8;  // of a block, one block an SM
constexpr int mma_m = 16, mma_n = 8 * mma_tiles, mma_k = 16;

/// D += A B for one tile of 8 columns. sm_75 has the half along K only.
/// Source  PTX ISA, mma.m16n8k16 and m16n8k8 with .f16 operands: the fragments' layouts.
__device__ void mma(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
#if __CUDA_ARCH__ >= 800
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  for (int half = 0; half < 2; ++half)
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5}, {%6}, {%0,%1,%2,%3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[2 * half]), "r"(a[2 * half + 1]), "r"(b[half]));
#endif
}

/// Every warp: D = mma_steps * A B. A: [16, 16] row-major; B: [32, 16], a row for each column of D; D: [warps, 16, 32].
__global__ void __launch_bounds__(mma_warps * 32) mma_kernel(const __half* a, const __half* b, float* d) {
  const int lane = threadIdx.x % 32, group = lane / 4, pair = lane % 4 * 2;
  const int warp = blockIdx.x * mma_warps + threadIdx.x / 32;
  const auto two = [](const __half* at) { return *reinterpret_cast<const unsigned*>(at); };
  const unsigned rows[4] = {two(a + group * mma_k + pair), two(a + (group + 8) * mma_k + pair),
                            two(a + group * mma_k + pair + 8), two(a + (group + 8) * mma_k + pair + 8)};
  unsigned columns[mma_tiles][2];
  float sums[mma_tiles][4] = {};
  for (int tile = 0; tile < mma_tiles; ++tile)
    for (int half = 0; half < 2; ++half) columns[tile][half] = two(b + (tile * 8 + group) * mma_k + pair + 8 * half);
#pragma unroll 4
  for (int step = 0; step < mma_steps; ++step)
#pragma unroll
    for (int tile = 0; tile < mma_tiles; ++tile) mma(sums[tile], rows, columns[tile]);
  for (int tile = 0; tile < mma_tiles; ++tile)
    for (int i = 0; i < 4; ++i) d[(warp * mma_m + group + i / 2 * 8) * mma_n + tile * 8 + pair + i % 2] = sums[tile][i];
}

constexpr int copy_threads = 256, copy_blocks_per_sm = 8;

__device__ unsigned mixed(std::size_t i) {
  auto x = static_cast<unsigned>(i) * 0x9e3779b9u + static_cast<unsigned>(i >> 32);
  x = (x ^ (x >> 16)) * 0x85ebca6bu;
  x = (x ^ (x >> 13)) * 0xc2b2ae35u;
  return x ^ (x >> 16);
}

__global__ void fill_kernel(uint4* to, std::size_t count) {
  for (std::size_t i = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x; i < count;
       i += std::size_t{gridDim.x} * blockDim.x)
    to[i] = {mixed(4 * i), mixed(4 * i + 1), mixed(4 * i + 2), mixed(4 * i + 3)};
}

__global__ void copy_kernel(const uint4* from, uint4* to, std::size_t count) {
  for (std::size_t i = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x; i < count;
       i += std::size_t{gridDim.x} * blockDim.x)
    to[i] = from[i];
}

__global__ void compare_kernel(const uint4* to, std::size_t count, unsigned* differences) {
  for (std::size_t i = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x; i < count;
       i += std::size_t{gridDim.x} * blockDim.x) {
    const uint4 got = to[i];
    if (got.x != mixed(4 * i) || got.y != mixed(4 * i + 1) || got.z != mixed(4 * i + 2) || got.w != mixed(4 * i + 3))
      atomicAdd(differences, 1u);
  }
}

constexpr int launches = 20;  // a sample is their mean: one takes some 10 µs

__global__ void launch_kernel(unsigned* count) { *count += 1; }

}  // namespace
}  // namespace kernelgate

#pragma once
// Who am I: thread, block, lane and warp.

#include "kernels/simt/config.h"
#include "kernels/simt/shape.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/block.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

SIMT_DEVICE Dim3 thread_idx() {
#if SIMT_ON_GPU
  return {threadIdx.x, threadIdx.y, threadIdx.z};
#else
  return executor::current_thread().index;
#endif
}

SIMT_DEVICE Dim3 block_idx() {
#if SIMT_ON_GPU
  return {blockIdx.x, blockIdx.y, blockIdx.z};
#else
  return executor::current_thread().block->index();
#endif
}

SIMT_DEVICE Dim3 block_dim() {
#if SIMT_ON_GPU
  return {blockDim.x, blockDim.y, blockDim.z};
#else
  return executor::current_thread().block->shape().block;
#endif
}

SIMT_DEVICE Dim3 grid_dim() {
#if SIMT_ON_GPU
  return {gridDim.x, gridDim.y, gridDim.z};
#else
  return executor::current_thread().block->shape().grid;
#endif
}

/// The thread's number within its block, x fastest: what lanes and warps are counted by.
SIMT_DEVICE unsigned linear_thread_idx() {
#if SIMT_ON_GPU
  return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
#else
  return executor::current_thread().linear;
#endif
}

/// 0 .. 31.
///
/// Source  PTX ISA, special register %laneid.
SIMT_DEVICE unsigned lane_idx() {
#if SIMT_ON_GPU
  unsigned lane;
  asm("mov.u32 %0, %%laneid;" : "=r"(lane));
  return lane;
#else
  return executor::current_thread().lane;
#endif
}

/// Linear thread number / 32. Not %warpid, which may change while a kernel runs.
SIMT_DEVICE unsigned warp_idx() { return linear_thread_idx() / 32; }

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt

#pragma once
// Which multiprocessor a block runs on. Not in simt.h: a kernel whose work depends on it is none that can be proved
// right.

#include "kernels/simt/index.h"

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

#if !SIMT_ON_GPU
/// As many as a kernel that asks sees on the host.
inline constexpr unsigned host_multiprocessors = 4;
#endif

/// Below the GPU's count of multiprocessors, but for instances of MIG. Host: as if there were four, and each block in
/// turn were on the next.
///
/// Source  PTX ISA, special register %smid.
SIMT_DEVICE unsigned multiprocessor_idx() {
#if SIMT_ON_GPU
  unsigned multiprocessor;
  asm volatile("mov.u32 %0, %%smid;" : "=r"(multiprocessor));
  return multiprocessor;
#else
  const Dim3 block = block_idx(), grid = grid_dim();
  return (block.x + grid.x * (block.y + grid.y * block.z)) % host_multiprocessors;
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt

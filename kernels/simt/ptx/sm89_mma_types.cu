// Compiled, never run (sm75_instructions.cu): the product that came with sm_89.

#include "kernels/simt/mma_types.h"
#include "kernels/simt/simt.h"

namespace kernelgate::simt {

__global__ __launch_bounds__(128) void sm89_mma_types(float* out) {
  auto* smem = dynamic_shared<std::uint32_t>();
  std::uint32_t a[4], b[2];
  ldmatrix_x4(a, smem);
  ldmatrix_x2(b, smem);
  float d[4] = {};
  mma_m16n8k32_e4m3(d, a, b);
  for (int i = 0; i < 4; ++i) out[i] = d[i];
}

}  // namespace kernelgate::simt

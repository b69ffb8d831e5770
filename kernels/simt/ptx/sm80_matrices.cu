// Compiled, never run (sm75_instructions.cu): the products that came with sm_80.

#include "kernels/simt/simt.h"

namespace kernelgate::simt {

__global__ __launch_bounds__(128) void sm80_matrices(float* out) {
  auto* smem = dynamic_shared<std::uint32_t>();
  std::uint32_t a[4], b[2], one[1];
  ldmatrix_x4(a, smem);
  ldmatrix_x2(b, smem);
  ldmatrix_x1(one, smem);
  float d[4] = {};
  mma_m16n8k16_bf16(d, a, b);
  ldmatrix_x1_trans(one, smem);
  mma_m16n8k8_bf16(d, {a[0], a[1]}, one);
  for (int i = 0; i < 4; ++i) out[i] = d[i];
  store_shared(smem, pack_bf16x2(d[0], d[1]));
}

}  // namespace kernelgate::simt

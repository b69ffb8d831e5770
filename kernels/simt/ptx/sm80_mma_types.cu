// Compiled, never run (sm75_instructions.cu): the products of mma_types.h that came with sm_80, and %smid.

#include "kernels/simt/mma_types.h"
#include "kernels/simt/multiprocessor.h"
#include "kernels/simt/simt.h"

namespace kernelgate::simt {

__global__ __launch_bounds__(128) void sm80_mma_types(float* out) {
  auto* smem = dynamic_shared<std::uint32_t>();
  std::uint32_t a[4], b[2];
  ldmatrix_x4(a, smem);
  ldmatrix_x2(b, smem);
  float d[4] = {};
  mma_m16n8k8_tf32(d, a, b);
  std::int32_t sums[4] = {};
  mma_m16n8k32_s8(sums, a, b);
  double wide[2] = {};
  mma_m8n8k4_f64(wide, out[0], out[1]);
  for (int i = 0; i < 4; ++i) out[i] = d[i] + static_cast<float>(sums[i]) + static_cast<float>(wide[i % 2]);
  if (multiprocessor_idx() > 1u << 20) trap();
}

}  // namespace kernelgate::simt

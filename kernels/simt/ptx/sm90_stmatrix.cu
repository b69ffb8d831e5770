// Compiled, never run (sm75_instructions.cu).

#include "kernels/simt/simt.h"

namespace kernelgate::simt {

__global__ __launch_bounds__(128) void sm90_stmatrix() {
  auto* row = dynamic_shared<char>() + lane_idx() * 16;
  stmatrix_x1(row, {lane_idx()});
  stmatrix_x2(row, {lane_idx(), 2});
  stmatrix_x4(row, {lane_idx(), 2, 3, 4});
  stmatrix_x1_trans(row, {lane_idx()});
  stmatrix_x2_trans(row, {lane_idx(), 2});
  stmatrix_x4_trans(row, {lane_idx(), 2, 3, 4});
}

}  // namespace kernelgate::simt

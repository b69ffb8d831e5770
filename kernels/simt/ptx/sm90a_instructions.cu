// Compiled, never run (sm75_instructions.cu): what sm_90a alone has.

#include "kernels/simt/simt.h"

#if defined(__CUDA_ARCH__) && !SIMT_HAS_SETMAXNREG
#error "setmaxnreg would be left out"
#endif

namespace kernelgate::simt {

__global__ __launch_bounds__(256, 1) void sm90a_instructions() {
  if (warp_idx() < 4) {
    set_max_registers_dec<40>();
  } else {
    set_max_registers_inc<232>();
  }
}

}  // namespace kernelgate::simt

// Compiled, never run (sm75_instructions.cu): what came with sm_80.

#include "kernels/simt/simt.h"

namespace kernelgate::simt {

__global__ __launch_bounds__(128) void sm80_instructions(const int* global) {
  auto* words = dynamic_shared<std::uint32_t>();
  cp_async<4>(words, global);
  cp_async<8>(words, global);
  cp_async<16>(words, global, 12);
  cp_async_commit();
  cp_async_wait<0>();

  auto* mbarrier = reinterpret_cast<Mbarrier*>(words);
  mbarrier_init(mbarrier, 128);
  mbarrier_arrive(mbarrier);
  while (!mbarrier_test_wait(mbarrier, 0)) {
  }
  while (!mbarrier_try_wait(mbarrier, 0)) {
  }
  mbarrier_wait(mbarrier, 0);
  mbarrier_invalidate(mbarrier);
}

}  // namespace kernelgate::simt

// Compiled, never run: a PTX body that an assembler refuses fails the build. Here what every architecture has; each
// file's prefix says for which architectures it is (kernelgate_file_archs).

#include "kernels/simt/simt.h"

namespace kernelgate::simt {

__global__ __launch_bounds__(128) void sm75_instructions(int* global, float* floats) {
  auto* words = dynamic_shared<std::uint32_t>();
  store_shared(words + linear_thread_idx(), load_global(global));
  sync_threads();
  named_barrier_arrive(1, 128);
  named_barrier_sync(1, 128);
  sync_warp();
  store_shared(reinterpret_cast<Vec4*>(words), load_shared(reinterpret_cast<const Vec4*>(words) + 1));
  store_shared(reinterpret_cast<std::uint64_t*>(words), load_shared(reinterpret_cast<const std::uint64_t*>(words) + 1));
  store_shared(reinterpret_cast<std::uint16_t*>(words), load_shared(reinterpret_cast<const std::uint16_t*>(words) + 1));
  store_shared(reinterpret_cast<std::uint8_t*>(words), load_shared(reinterpret_cast<const std::uint8_t*>(words) + 1));

  std::uint32_t a[4], b[2];
  ldmatrix_x4(a, words);
  ldmatrix_x2(b, words);
  float d[4] = {};
  mma_m16n8k16(d, a, b);
  ldmatrix_x4_trans(a, words);
  ldmatrix_x2_trans(b, words);
  mma_m16n8k16(d, a, b);
  for (int i = 0; i < 4; ++i) store_global(floats + i, d[i]);

  if (elect_one()) red_release_add(global, 1);
  while (load_acquire(global) < 7) nanosleep(100);
  grid_dependency_wait();
  grid_launch_dependents();
  store_global_16(global, load_global_16(global));
  store_global_16(global, load_global_16_streaming(global));
  if (clock_cycles() > 1000 || any(d[0] > 1)) trap();
  const int lane = static_cast<int>(lane_idx());
  if (reduce_add(lane) + reduce_min(lane) + reduce_max(lane) == 0) trap();
  if (reduce_add(lane_idx()) + reduce_min(lane_idx()) + reduce_max(lane_idx()) == 0u) trap();
}

}  // namespace kernelgate::simt

// Compiled, never run (sm75_instructions.cu): what came with sm_90 and stayed.

#include "kernels/simt/simt.h"

namespace kernelgate::simt {

template <class T>
SIMT_DEVICE void exchange(T* own, Mbarrier* mbarrier) {
  T* other = map_shared_rank(own, cluster_rank() ^ 1);
  store_cluster(other, load_cluster(other + 1));
  st_async(other, load_shared(own), map_shared_rank(mbarrier, cluster_rank() ^ 1));
}

__global__ __launch_bounds__(128) void sm90_instructions(unsigned* global) {
  auto* words = dynamic_shared<std::uint32_t>();
  auto* mbarrier = reinterpret_cast<Mbarrier*>(words);
  mbarrier_init(mbarrier, 128);
  fence_mbarrier_init();
  cluster_arrive_relaxed();
  cluster_wait();
  mbarrier_expect_tx(mbarrier, 16);
  mbarrier_arrive_expect_tx(mbarrier, 16);
  mbarrier_arrive_cluster(map_shared_rank(mbarrier, 0));
  mbarrier_arrive_cluster_relaxed(map_shared_rank(mbarrier, 0));
  mbarrier_wait(mbarrier, 1);
  fence_acq_rel_cluster();
  exchange(words, mbarrier);
  exchange(reinterpret_cast<std::uint64_t*>(words), mbarrier);
  exchange(reinterpret_cast<Vec4*>(words), mbarrier);
  fence_proxy_async();
  cluster_sync();
  store_global(global, cluster_dim().x + cluster_dim().y + cluster_dim().z + cluster_idx().x + cluster_idx().y +
                           cluster_idx().z);
}

// The launch attributes that it needs.
void launch_sm90_instructions(unsigned* global, Stream stream) {
  LaunchShape shape{{4}, {128}, 1024, "sm90_instructions"};
  shape.cluster = {2};
  shape.overlaps_previous = true;
  launch(sm90_instructions, shape, stream, global);
}

}  // namespace kernelgate::simt

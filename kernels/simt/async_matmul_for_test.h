#pragma once
// A matmul as they are written for sm_90a: one warp loads with TMA, two warpgroups multiply with wgmma, blocks of a
// cluster share B by multicast, the results leave through stmatrix and TMA. The same source with one bug planted at a
// time is what async_pipeline_test.cpp runs; nvcc compiles it as it is (ptx/sm90a_async_matmul.cu).

#include <utility>

#include "kernels/simt/simt.h"
#include "kernels/tile/mbarrier_ring.h"
#include "kernels/tile/stage_ring.h"
#include "kernels/tile/tile_order.h"

namespace kernelgate::simt {

enum class PipelineBug {
  none,
  no_full_wait,           // multiplies stages that may still be under way
  no_empty_wait,          // overwrites stages that are still read
  empty_starts_full,      // the producer waits for stages that nobody has filled yet
  phase_not_flipped,      // after the last stage the first one's old phase is waited for again
  no_fence_before_store,  // TMA stores what stmatrix wrote through the other proxy
  no_wgmma_fence,         // registers are used that the threads wrote
  no_wgmma_wait,          // the accumulators are read, and the last stages released, while wgmma go on
  released_too_early,     // a stage is released while its wgmma may still read it
  expects_too_little,     // of the stage's bytes
  expects_too_much,
  no_wait_for_store,       // the tile for C is overwritten while TMA may still read it
  swizzle_of_64_bytes,     // in the descriptors, where TMA writes one of 128
  advances_by_elements,    // the descriptors, where it should be bytes
  no_mbarrier_fence,       // TMA uses mbarriers that it may not see yet
  no_first_cluster_sync,   // the other block may not have made its mbarriers
  no_last_cluster_sync,    // exits while the other block still reaches for its shared memory
  accumulates_from_start,  // on what the registers happen to hold
  tail_not_masked,         // the tensor maps reach past the end of k
};

struct PipelineParams {
  TensorMap a;  // [M, K], boxes of 128 x 64
  TensorMap b;  // [N, K], boxes of 64 / cluster x 64
  TensorMap c;  // [M, N], boxes of 64 x 64
  int M, N, K;
};

struct PipelineConfig {
  static constexpr int BLOCK_M = 128, BLOCK_N = 64, BLOCK_K = 64, num_stages = 3, consumers = 2;
  static constexpr unsigned smem_a_bytes = BLOCK_M * BLOCK_K * 2, smem_b_bytes = BLOCK_N * BLOCK_K * 2;
  static constexpr unsigned stage_bytes = smem_a_bytes + smem_b_bytes;
  static constexpr unsigned smem_c_bytes = 64 * BLOCK_N * 2;  // of a consumer
  static constexpr unsigned threads = 128 * (1 + consumers);
  static constexpr std::size_t smem_bytes = num_stages * stage_bytes + consumers * smem_c_bytes + 2 * num_stages * 8;
};

inline namespace SIMT_SIDE {

template <int CLUSTER, PipelineBug BUG>
struct AsyncMatmul : PipelineConfig {
  using Bug = PipelineBug;

  struct Slot : tile::StageRing<num_stages> {
    SIMT_DEVICE void advance() {
      tile::StageRing<num_stages>::advance();
      if (BUG == Bug::phase_not_flipped) this->phase = 0;
    }
  };

  const PipelineParams& p;
  char* smem;

  SIMT_DEVICE char* a(int stage) const { return smem + static_cast<unsigned>(stage) * stage_bytes; }
  SIMT_DEVICE char* b(int stage) const { return a(stage) + smem_a_bytes; }
  SIMT_DEVICE char* c(int consumer) const { return a(num_stages) + static_cast<unsigned>(consumer) * smem_c_bytes; }
  SIMT_DEVICE tile::MbarrierRing<num_stages>& ring() const {
    return *reinterpret_cast<tile::MbarrierRing<num_stages>*>(c(consumers));
  }
  SIMT_DEVICE Mbarrier* full(int stage) const { return &ring().full[stage]; }
  SIMT_DEVICE Mbarrier* empty(int stage) const { return &ring().empty[stage]; }

  SIMT_DEVICE int k_blocks() const { return (p.K + BLOCK_K - 1) / BLOCK_K; }
  // The blocks of a cluster have tiles below each other.
  template <class Act>
  SIMT_DEVICE void for_each_tile(Act act) const {
    const unsigned clusters_m = static_cast<unsigned>((p.M + BLOCK_M * CLUSTER - 1) / (BLOCK_M * CLUSTER));
    const unsigned tiles_n = static_cast<unsigned>((p.N + BLOCK_N - 1) / BLOCK_N);
    const unsigned rank = CLUSTER == 1 ? 0 : cluster_rank();
    for (unsigned i = block_idx().x / CLUSTER; i < clusters_m * tiles_n; i += grid_dim().x / CLUSTER) {
      const tile::TileIndex at = tile::column_order(i, clusters_m);
      act(static_cast<int>(at.m * CLUSTER + rank) * BLOCK_M, static_cast<int>(at.n) * BLOCK_N);
    }
  }

  SIMT_DEVICE void begin() const {
    if (linear_thread_idx() == 0) {
      ring().init(1, consumers * CLUSTER);
      if (BUG != Bug::no_mbarrier_fence) fence_mbarrier_init();
    }
    if (CLUSTER > 1 && BUG != Bug::no_first_cluster_sync) {
      cluster_sync();
    } else {
      sync_threads();
    }
  }

  // By one thread.
  SIMT_DEVICE void produce() const {
    Slot slot;
    for_each_tile([&](int m0, int n0) {
      for (int k = 0; k < k_blocks(); ++k, slot.advance()) {
        if (BUG == Bug::empty_starts_full) {
          mbarrier_wait(empty(slot.stage), slot.phase);
        } else if (BUG != Bug::no_empty_wait) {
          ring().wait_empty(slot);
        }
        const unsigned off_by = BUG == Bug::expects_too_little ? 0u - 16 : BUG == Bug::expects_too_much ? 16 : 0;
        mbarrier_arrive_expect_tx(full(slot.stage), stage_bytes + off_by);
        tma_load_2d(a(slot.stage), p.a, full(slot.stage), k * BLOCK_K, m0);
        if constexpr (CLUSTER == 1) {
          tma_load_2d(b(slot.stage), p.b, full(slot.stage), k * BLOCK_K, n0);
        } else {
          const unsigned rank = cluster_rank();  // each block loads its part of B for all
          tma_load_multicast_2d(b(slot.stage) + rank * (smem_b_bytes / CLUSTER), p.b, full(slot.stage),
                                (1 << CLUSTER) - 1, k * BLOCK_K, n0 + static_cast<int>(rank) * (BLOCK_N / CLUSTER));
        }
      }
    });
  }

  // By a warpgroup: its wgmma do not read the stage any more.
  SIMT_DEVICE void release(int stage) const {
    const unsigned thread = linear_thread_idx() % 128;
    if constexpr (CLUSTER == 1) {
      if (thread == 0) mbarrier_arrive(empty(stage));
    } else {
      if (thread < CLUSTER) mbarrier_arrive_cluster(map_shared_rank(empty(stage), thread));
    }
  }

  SIMT_DEVICE void multiply(float (&acc)[BLOCK_N / 2], int stage, int consumer, bool first) const {
    constexpr Swizzle swizzle = BUG == Bug::swizzle_of_64_bytes ? Swizzle::bytes_64 : Swizzle::bytes_128;
    const SmemDescriptor tile_a = smem_descriptor(a(stage) + consumer * (64 * BLOCK_K * 2), swizzle, 1024);
    const SmemDescriptor tile_b = smem_descriptor(b(stage), swizzle, 1024);
    if (BUG != Bug::no_wgmma_fence) wgmma_fence();
    SIMT_UNROLL
    for (unsigned k = 0; k < BLOCK_K / 16; ++k) {
      const unsigned on = BUG == Bug::advances_by_elements ? 16 * k : 32 * k;
      wgmma_m64nNk16<BLOCK_N>(acc, advance(tile_a, on), advance(tile_b, on),
                              !first || k > 0 || BUG == Bug::accumulates_from_start);
    }
    wgmma_commit();
  }

  // By a warpgroup.
  SIMT_DEVICE void consume(int consumer) const {
    Slot slot;
    float acc[BLOCK_N / 2];
    for_each_tile([&](int m0, int n0) {
      int before = 0;  // the stage whose wgmma may still be under way
      for (int k = 0; k < k_blocks(); ++k, slot.advance()) {
        if (BUG != Bug::no_full_wait) ring().wait_full(slot);
        multiply(acc, slot.stage, consumer, k == 0);
        if (BUG != Bug::no_wgmma_wait) wgmma_wait<1>();
        if (BUG == Bug::released_too_early) {
          release(slot.stage);
        } else if (k > 0) {
          release(before);
        }
        before = slot.stage;
      }
      if (BUG != Bug::no_wgmma_wait) wgmma_wait<0>(acc);
      if (BUG != Bug::released_too_early) release(before);
      store(acc, consumer, m0, n0);
    });
    if (linear_thread_idx() % 128 == 0) bulk_wait_read<0>();
  }

  SIMT_DEVICE void store(const float (&acc)[BLOCK_N / 2], int consumer, int m0, int n0) const {
    const unsigned thread = linear_thread_idx() % 128, lane_idx = thread % 32;
    if (thread == 0 && BUG != Bug::no_wait_for_store) bulk_wait_read<0>();
    named_barrier_sync(1 + static_cast<unsigned>(consumer), 128);
    SIMT_UNROLL
    for (unsigned j = 0; j < BLOCK_N / 16; ++j) {
      std::uint32_t pairs[4];
      SIMT_UNROLL
      for (unsigned i = 0; i < 4; ++i) pairs[i] = pack_f16x2(acc[8 * j + 2 * i], acc[8 * j + 2 * i + 1]);
      const unsigned row = thread / 32 * 16 + lane_idx % 16, chunk = 2 * j + lane_idx / 16;
      stmatrix_x4(c(consumer) + swizzled(Swizzle::bytes_128, row * 128 + chunk * 16), pairs);
    }
    if (BUG != Bug::no_fence_before_store) fence_proxy_async();
    named_barrier_sync(1 + static_cast<unsigned>(consumer), 128);
    if (thread == 0) {
      tma_store_2d(p.c, c(consumer), n0, m0 + consumer * 64);
      bulk_commit();
    }
  }
};

template <int CLUSTER, PipelineBug BUG = PipelineBug::none>
SIMT_KERNEL(PipelineConfig::threads, 1)
void async_matmul(const SIMT_GRID_CONSTANT PipelineParams p) {
  const AsyncMatmul<CLUSTER, BUG> matmul{{}, p, dynamic_shared<char>()};
  matmul.begin();
  if (warp_idx() < 4) {
    set_max_registers_dec<40>();
    if (warp_idx() == 0) {
      if (elect_one()) matmul.produce();
      sync_warp();
    }
  } else {
    set_max_registers_inc<232>();
    matmul.consume(static_cast<int>(warp_idx()) / 4 - 1);
  }
  if (CLUSTER > 1 && BUG != PipelineBug::no_last_cluster_sync) cluster_sync();
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt

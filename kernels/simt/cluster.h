#pragma once
// Clusters: blocks that run at the same time and reach each other's shared memory (sm_90 on).
//
// A launch says how many (LaunchShape::cluster). Here a block's place and the cluster's barrier; the access to others
// is in cluster_memory.h.

#include "kernels/simt/config.h"
#include "kernels/simt/shape.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/block.h"
#include "kernels/simt/host/cluster_barrier.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// This block's number in its cluster, x fastest.
///
/// Source  PTX ISA, %cluster_ctarank.
SIMT_DEVICE unsigned cluster_rank() {
#if SIMT_ON_GPU
  unsigned rank = 0;
#if SIMT_ARCH >= 90
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
#else
  detail::needs_later_architecture();
#endif
  return rank;
#else
  return executor::current_thread().block->rank();
#endif
}

/// How many blocks a cluster has, in each direction.
///
/// Source  PTX ISA, %cluster_nctaid.
SIMT_DEVICE Dim3 cluster_dim() {
#if SIMT_ON_GPU
  Dim3 dim;
#if SIMT_ARCH >= 90
  asm("mov.u32 %0, %%cluster_nctaid.x;" : "=r"(dim.x));
  asm("mov.u32 %0, %%cluster_nctaid.y;" : "=r"(dim.y));
  asm("mov.u32 %0, %%cluster_nctaid.z;" : "=r"(dim.z));
#else
  detail::needs_later_architecture();
#endif
  return dim;
#else
  return executor::current_thread().block->shape().cluster;
#endif
}

/// The cluster's place in the grid, counted in clusters.
///
/// Source  PTX ISA, %clusterid.
SIMT_DEVICE Dim3 cluster_idx() {
#if SIMT_ON_GPU
  Dim3 idx;
#if SIMT_ARCH >= 90
  asm("mov.u32 %0, %%clusterid.x;" : "=r"(idx.x));
  asm("mov.u32 %0, %%clusterid.y;" : "=r"(idx.y));
  asm("mov.u32 %0, %%clusterid.z;" : "=r"(idx.z));
#else
  detail::needs_later_architecture();
#endif
  return idx;
#else
  const executor::Block& block = *executor::current_thread().block;
  const Dim3 &at = block.index(), &cluster = block.shape().cluster;
  return {at.x / cluster.x, at.y / cluster.y, at.z / cluster.z};
#endif
}

/// Arrives at the cluster's barrier and goes on: what this thread wrote before is seen by those who have waited.
///
/// Errors  host: the thread has arrived already and not waited; not the whole warp here.
/// Source  PTX ISA, barrier.cluster.arrive.release.aligned.
SIMT_DEVICE void cluster_arrive([[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::cluster_arrive({"cluster_arrive", where}, true);
#endif
}

/// The same, but orders no memory: for "I have started" and, behind fence_mbarrier_init, "my mbarriers are there".
///
/// Source  PTX ISA, barrier.cluster.arrive.relaxed.aligned.
SIMT_DEVICE void cluster_arrive_relaxed([[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile("barrier.cluster.arrive.relaxed.aligned;" ::: "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::cluster_arrive({"cluster_arrive_relaxed", where}, false);
#endif
}

/// Waits until all threads of the cluster that have not exited have arrived.
///
/// Errors  host: the thread has not arrived; not the whole warp here.
/// Source  PTX ISA, barrier.cluster.wait.acquire.aligned.
SIMT_DEVICE void cluster_wait([[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::cluster_wait({"cluster_wait", where});
#endif
}

/// Waits for all threads of the cluster; memory written before it is seen after it.
SIMT_DEVICE void cluster_sync([[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  cluster_arrive();
  cluster_wait();
#else
  executor::cluster_sync({"cluster_sync", where});
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt

#pragma once
// Clusters: blocks that run at the same time and reach each other's shared memory (sm_90 on).
//
// A launch says how many (LaunchShape::cluster). Before the first access to another block cluster_sync makes sure that
// it has started, and no block may exit while another may still reach it: a cluster_sync before the end does that.

#include <cstdint>
#include <type_traits>

#include "kernels/simt/config.h"
#include "kernels/simt/mbarrier.h"
#include "kernels/simt/memory.h"
#include "kernels/simt/shape.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/cluster_access.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// What reaches another block's shared memory in one piece.
template <class T>
concept ClusterValue = std::is_trivially_copyable_v<T> &&(sizeof(T) == 4 || sizeof(T) == 8 || sizeof(T) == 16);

#if SIMT_ON_GPU
namespace detail {
/// A generic address in the shared memory of any block of the cluster, as .shared::cluster instructions take it.
SIMT_DEVICE unsigned cluster_address([[maybe_unused]] const void* mapped) {
  unsigned at = 0;
#if SIMT_ARCH >= 90
  asm("{\n"
      ".reg .u64 wide;\n"
      "cvta.to.shared::cluster.u64 wide, %1;\n"
      "cvt.u32.u64 %0, wide;\n"
      "}"
      : "=r"(at)
      : "l"(mapped));
#endif
  return at;
}
}  // namespace detail
#endif

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

/// The same place as `own`, in the shared memory of the cluster's block `rank`.
///
/// Errors  host: `own` is not in the block's shared memory; no such rank.
/// Source  PTX ISA, mapa (of a generic address).
template <class T>
SIMT_DEVICE T* map_shared_rank(T* own, [[maybe_unused]] unsigned rank,
                               [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  std::uint64_t mapped = reinterpret_cast<std::uint64_t>(own);
#if SIMT_ARCH >= 90
  asm("mapa.u64 %0, %1, %2;" : "=l"(mapped) : "l"(own), "r"(rank));
#else
  detail::needs_later_architecture();
#endif
  return reinterpret_cast<T*>(mapped);
#else
  return reinterpret_cast<T*>(executor::map_shared_rank({"map_shared_rank", where}, own, rank));
#endif
}

/// A value in the shared memory of any block of the cluster.
///
/// Types   4, 8 or 16 bytes.
/// Errors  host: misaligned, out of bounds; the other block may not have started, or has exited.
/// Source  PTX ISA, ld.shared::cluster.
template <ClusterValue T>
SIMT_DEVICE T load_cluster(const T* mapped, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  [[maybe_unused]] const unsigned at = detail::cluster_address(mapped);
#if SIMT_ARCH >= 90
  if constexpr (sizeof(T) == 4) {
    std::uint32_t bits;
    asm volatile("ld.shared::cluster.u32 %0, [%1];" : "=r"(bits) : "r"(at) : "memory");
    return std::bit_cast<T>(bits);
  } else if constexpr (sizeof(T) == 8) {
    std::uint64_t bits;
    asm volatile("ld.shared::cluster.u64 %0, [%1];" : "=l"(bits) : "r"(at) : "memory");
    return std::bit_cast<T>(bits);
  } else {
    Vec4 v;
    asm volatile("ld.shared::cluster.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
                 : "r"(at)
                 : "memory");
    return std::bit_cast<T>(v);
  }
#else
  detail::needs_later_architecture();
  return {};
#endif
#else
  T value;
  executor::load_cluster({"load_cluster", where}, mapped, &value, sizeof(T));
  return value;
#endif
}

/// Types   as load_cluster.
/// Errors  host: as load_cluster.
/// Source  PTX ISA, st.shared::cluster.
template <ClusterValue T>
SIMT_DEVICE void store_cluster(T* mapped, std::type_identity_t<T> value,
                               [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  [[maybe_unused]] const unsigned at = detail::cluster_address(mapped);
#if SIMT_ARCH >= 90
  if constexpr (sizeof(T) == 4) {
    asm volatile("st.shared::cluster.u32 [%0], %1;" ::"r"(at), "r"(std::bit_cast<std::uint32_t>(value)) : "memory");
  } else if constexpr (sizeof(T) == 8) {
    asm volatile("st.shared::cluster.u64 [%0], %1;" ::"r"(at), "l"(std::bit_cast<std::uint64_t>(value)) : "memory");
  } else {
    const auto v = std::bit_cast<Vec4>(value);
    asm volatile("st.shared::cluster.v4.u32 [%0], {%1, %2, %3, %4};" ::"r"(at), "r"(v.x), "r"(v.y), "r"(v.z), "r"(v.w)
                 : "memory");
  }
#else
  detail::needs_later_architecture();
#endif
#else
  executor::store_cluster({"store_cluster", where}, mapped, &value, sizeof(T));
#endif
}

/// Starts a store whose bytes complete the transaction of `mbarrier`, which is in the same block as `mapped`.
///
/// Types   as load_cluster.
/// Errors  host: as load_cluster; the mbarrier is in another block, or none lives there.
/// Source  PTX ISA, st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.
template <ClusterValue T>
SIMT_DEVICE void st_async(T* mapped, std::type_identity_t<T> value, Mbarrier* mbarrier,
                          [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  [[maybe_unused]] const unsigned at = detail::cluster_address(mapped), bar = detail::cluster_address(mbarrier);
#if SIMT_ARCH >= 90
  if constexpr (sizeof(T) == 4) {
    asm volatile("st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.u32 [%0], %1, [%2];" ::"r"(at),
                 "r"(std::bit_cast<std::uint32_t>(value)), "r"(bar)
                 : "memory");
  } else if constexpr (sizeof(T) == 8) {
    asm volatile("st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.u64 [%0], %1, [%2];" ::"r"(at),
                 "l"(std::bit_cast<std::uint64_t>(value)), "r"(bar)
                 : "memory");
  } else {
    const auto v = std::bit_cast<Vec4>(value);
    asm volatile(
        "st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.v4.u32 [%0], {%1, %2, %3, %4}, [%5];" ::"r"(at),
        "r"(v.x), "r"(v.y), "r"(v.z), "r"(v.w), "r"(bar)
        : "memory");
  }
#else
  detail::needs_later_architecture();
#endif
#else
  executor::st_async({"st_async", where}, mapped, &value, sizeof(T), mbarrier);
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt

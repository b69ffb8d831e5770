#pragma once
// The shared memory of the other blocks of a cluster (sm_90 on).
//
// Before the first access cluster_sync makes sure that the other block has started, and no block may exit while another
// may still reach it: a cluster_sync before the end does that.

#include <bit>
#include <cstdint>
#include <type_traits>

#include "kernels/simt/config.h"
#include "kernels/simt/mbarrier.h"
#include "kernels/simt/memory.h"
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

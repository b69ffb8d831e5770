#pragma once
// Copies of contiguous bytes between global and shared memory by the TMA unit, without a tensor map (sm_90 on).

#include <cstdint>

#include "kernels/simt/bulk_group.h"
#include "kernels/simt/cache_hint.h"
#include "kernels/simt/mbarrier.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/bulk_copy.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// Starts a copy to shared memory. Complete, for whoever waits on the mbarrier's phase, when it has got the bytes.
///
/// Units   bytes: a multiple of 16, as both addresses are. shared and mbarrier are in the block's own memory.
/// Errors  host: alignment, bounds, an mbarrier elsewhere, in a wrong state or not yet fenced, bytes that were written
///         there without fence_proxy_async since.
/// Source  PTX ISA, cp.async.bulk.
SIMT_DEVICE void bulk_load(void* shared, const void* global, std::uint32_t bytes, Mbarrier* mbarrier,
                           [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                           [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.L2::cache_hint [%0], [%1], %2, [%3], %4;" ::
          "r"(detail::shared_address(shared)),
      "l"(__cvta_generic_to_global(global)), "r"(bytes), "r"(detail::shared_address(mbarrier)),
      "l"(static_cast<std::uint64_t>(hint))
      : "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::bulk_load({"bulk_load", where}, shared, global, bytes, mbarrier);
#endif
}

/// The same bytes for several blocks of the cluster: bit i of `blocks` is the block of rank i. They go to the same
/// offset of each one's shared memory, and are counted by the mbarrier at the same offset there.
///
/// Errors  host: as above, in each of the blocks; no block, or one that the cluster has not or that has returned.
/// Source  PTX ISA, cp.async.bulk, .multicast::cluster.
SIMT_DEVICE void bulk_load_multicast(void* shared, const void* global, std::uint32_t bytes, Mbarrier* mbarrier,
                                     std::uint16_t blocks, [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                     [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster.L2::cache_hint [%0], [%1], "
      "%2, [%3], %4, %5;" ::"r"(detail::shared_address(shared)),
      "l"(__cvta_generic_to_global(global)), "r"(bytes), "r"(detail::shared_address(mbarrier)), "h"(blocks),
      "l"(static_cast<std::uint64_t>(hint))
      : "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::bulk_load_multicast({"bulk_load_multicast", where}, shared, global, bytes, mbarrier, blocks);
#endif
}

/// Starts a copy to global memory, as tma_store_* does: fence before it, commit and wait after it.
///
/// Units   bytes: a multiple of 16, as both addresses are.
/// Errors  host: alignment, bounds, bytes that were written without fence_proxy_async since. When the thread returns:
///         that it did not wait for the store to have read.
/// Source  PTX ISA, cp.async.bulk.
SIMT_DEVICE void bulk_store(void* global, const void* shared, std::uint32_t bytes,
                            [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                            [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile("cp.async.bulk.global.shared::cta.bulk_group.L2::cache_hint [%0], [%1], %2, %3;" ::"l"(
                   __cvta_generic_to_global(global)),
               "r"(detail::shared_address(shared)), "r"(bytes), "l"(static_cast<std::uint64_t>(hint))
               : "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::bulk_store({"bulk_store", where}, global, shared, bytes);
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt

#pragma once
// mbarriers: barriers in shared memory that count arrivals and, from sm_90 on, the bytes of bulk copies.
//
// An mbarrier goes through phases 0, 1, 2, ...: each ends when all its arrivals have been made and all bytes that were
// expected have arrived, and the next begins. Threads wait for the end of a phase by its parity, phase % 2, so a
// barrier must never get two phases ahead of somebody who still waits.
//
// The functions need sm_80, those with tx (bytes) and mbarrier_arrive_cluster* sm_90.

#include <cstdint>

#include "kernels/simt/config.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/mbarrier_access.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// 8 bytes of shared memory that only these functions may touch.
struct alignas(8) Mbarrier {
  std::uint64_t opaque;
};

/// Begins phase 0 of an mbarrier that takes `count` arrivals a phase.
///
/// Before a thread of the block uses it: a barrier. Before a bulk copy does, or another block: fence_mbarrier_init by
/// this thread, and for another block cluster_sync.
///
/// Units   count: 1 .. 2^20 - 1.
/// Errors  host: one lives there already; misaligned, outside the block's shared memory; a bad count.
/// Source  PTX ISA, mbarrier.init.
SIMT_DEVICE void mbarrier_init(Mbarrier* mbarrier, std::uint32_t count,
                               [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 80
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(detail::shared_address(mbarrier)), "r"(count)
               : "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::mbarrier_init({"mbarrier_init", where}, mbarrier, count);
#endif
}

/// Its memory may be used for something else.
///
/// Errors  host: a thread waits for it.
/// Source  PTX ISA, mbarrier.inval.
SIMT_DEVICE void mbarrier_invalidate(Mbarrier* mbarrier, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 80
  asm volatile("mbarrier.inval.shared::cta.b64 [%0];" ::"r"(detail::shared_address(mbarrier)) : "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::mbarrier_invalidate({"mbarrier_invalidate", where}, mbarrier);
#endif
}

/// One arrival: what this thread wrote before is seen by the threads of the block that wait for the phase.
///
/// Errors  host: all arrivals of the phase have been made.
/// Source  PTX ISA, mbarrier.arrive (release at CTA scope).
SIMT_DEVICE void mbarrier_arrive(Mbarrier* mbarrier, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 80
  asm volatile(
      "{\n"
      ".reg .b64 state;\n"
      "mbarrier.arrive.shared::cta.b64 state, [%0];\n"
      "}" ::"r"(detail::shared_address(mbarrier))
      : "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::mbarrier_arrive({"mbarrier_arrive", where}, mbarrier);
#endif
}

/// One arrival at an mbarrier of any block of the cluster, whose address map_shared_rank gives.
///
/// It goes on beside the thread, and is there before what the thread releases next (a barrier, an arrival). Threads of
/// the other block that read what this one wrote need fence_acq_rel_cluster behind their wait.
///
/// Errors  host: as mbarrier_arrive; the other block may not have started, or has exited, or exits before it is there;
///         fence_mbarrier_init is missing.
/// Source  PTX ISA, mbarrier.arrive.release.cluster.shared::cluster.
SIMT_DEVICE void mbarrier_arrive_cluster(Mbarrier* mapped, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile(
      "{\n"
      ".reg .u64 at;\n"
      "cvta.to.shared::cluster.u64 at, %0;\n"
      "mbarrier.arrive.release.cluster.shared::cluster.b64 _, [at];\n"
      "}" ::"l"(mapped)
      : "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::mbarrier_arrive_cluster({"mbarrier_arrive_cluster", where}, mapped);
#endif
}

/// The same, but orders no memory of the generic proxy: for "I read this no longer", behind wgmma_wait. On a GPU the
/// other form is a fence of the whole device, some hundred cycles at each arrival.
///
/// Errors  host: as mbarrier_arrive_cluster.
/// Source  PTX ISA, mbarrier.arrive.relaxed.cluster.shared::cluster.
SIMT_DEVICE void mbarrier_arrive_cluster_relaxed(Mbarrier* mapped, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile(
      "{\n"
      ".reg .u64 at;\n"
      "cvta.to.shared::cluster.u64 at, %0;\n"
      "mbarrier.arrive.relaxed.cluster.shared::cluster.b64 _, [at];\n"
      "}" ::"l"(mapped)
      : "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::mbarrier_arrive_cluster({"mbarrier_arrive_cluster_relaxed", where}, mapped);
#endif
}

/// The phase that is going on waits for `bytes` more of bulk copies or st_async.
///
/// Units   bytes: the sum of all that is expected at a time is at most 2^20 - 1.
/// Source  PTX ISA, mbarrier.expect_tx.
SIMT_DEVICE void mbarrier_expect_tx(Mbarrier* mbarrier, std::uint32_t bytes,
                                    [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile("mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%0], %1;" ::"r"(detail::shared_address(mbarrier)),
               "r"(bytes)
               : "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::mbarrier_expect_tx({"mbarrier_expect_tx", where}, mbarrier, bytes);
#endif
}

/// Both in one: expects `bytes`, then arrives.
///
/// Source  PTX ISA, mbarrier.arrive.expect_tx.
SIMT_DEVICE void mbarrier_arrive_expect_tx(Mbarrier* mbarrier, std::uint32_t bytes,
                                           [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(detail::shared_address(mbarrier)),
               "r"(bytes)
               : "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::mbarrier_arrive_expect_tx({"mbarrier_arrive_expect_tx", where}, mbarrier, bytes);
#endif
}

/// Whether the phase of that parity is over; then what was written before its arrivals, and by its copies, is seen.
///
/// Host: where it is not, the others may run first.
///
/// Units   parity: 0 or 1. That of the phase before the first, 1, is over from the start.
/// Errors  host: two phases have ended since this thread asked for one of them in vain.
/// Source  PTX ISA, mbarrier.test_wait.parity (acquire at CTA scope).
SIMT_DEVICE bool mbarrier_test_wait(const Mbarrier* mbarrier, std::uint32_t parity,
                                    [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 80
  unsigned over;
  asm volatile(
      "{\n"
      ".reg .pred p;\n"
      "mbarrier.test_wait.parity.shared::cta.b64 p, [%1], %2;\n"
      "selp.u32 %0, 1, 0, p;\n"
      "}"
      : "=r"(over)
      : "r"(detail::shared_address(mbarrier)), "r"(parity)
      : "memory");
  return over != 0;
#else
  detail::needs_later_architecture();
  return false;
#endif
#else
  return executor::mbarrier_test({"mbarrier_test_wait", where}, mbarrier, parity, false);
#endif
}

/// The same, but the thread may sleep for a while first. False says that it has slept long enough, so it stands in a
/// loop.
///
/// Source  PTX ISA, mbarrier.try_wait.parity; on sm_80 to sm_89, which have none, test_wait.
SIMT_DEVICE bool mbarrier_try_wait(const Mbarrier* mbarrier, std::uint32_t parity,
                                   [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  unsigned over;
  asm volatile(
      "{\n"
      ".reg .pred p;\n"
      "mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2;\n"
      "selp.u32 %0, 1, 0, p;\n"
      "}"
      : "=r"(over)
      : "r"(detail::shared_address(mbarrier)), "r"(parity)
      : "memory");
  return over != 0;
#else
  return mbarrier_test_wait(mbarrier, parity);
#endif
#else
  return executor::mbarrier_test({"mbarrier_try_wait", where}, mbarrier, parity, true);
#endif
}

/// Waits for the end of the phase of that parity.
///
/// Errors  host: a second phase ends before this thread has seen that the first is over.
SIMT_DEVICE void mbarrier_wait(const Mbarrier* mbarrier, std::uint32_t parity,
                               [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  while (!mbarrier_try_wait(mbarrier, parity)) {
  }
#else
  executor::mbarrier_wait({"mbarrier_wait", where}, mbarrier, parity);
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt

#pragma once
// Groups of bulk stores: how the thread that issued them knows that they are done (sm_90 on).
//
// Groups belong to a thread: a wait by another one covers nothing. They are not those of cp_async_commit.

#include "kernels/simt/config.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/bulk_groups.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// Makes one group of this thread's tma_store_*, tma_reduce_add_* and bulk_store since the last commit; it may be
/// empty.
///
/// Source  PTX ISA, cp.async.bulk.commit_group.
SIMT_DEVICE void bulk_commit() {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile("cp.async.bulk.commit_group;" ::: "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::bulk_commit();
#endif
}

/// Waits until at most the `pending` latest groups of this thread are under way: what the others wrote to global memory
/// is there. Stores that were not committed are not waited for, not even by 0.
///
/// Source  PTX ISA, cp.async.bulk.wait_group.
template <int pending>
SIMT_DEVICE void bulk_wait() {
  static_assert(pending >= 0);
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile("cp.async.bulk.wait_group %0;" ::"n"(pending) : "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::bulk_wait(pending);
#endif
}

/// The same, but only until they have read shared memory: it may be written again, and the block may end.
///
/// Source  PTX ISA, cp.async.bulk.wait_group.read.
template <int pending>
SIMT_DEVICE void bulk_wait_read() {
  static_assert(pending >= 0);
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(pending) : "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::bulk_wait_read(pending);
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt

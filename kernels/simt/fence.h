#pragma once
// Fences between a thread and those who see its writes another way: the async proxy, and the cluster. The one for the
// whole device is thread_fence (atomic.h).

#include "kernels/simt/config.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/mbarrier_access.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// What this thread wrote to shared memory before (store_shared, stmatrix, cp_async) is seen by bulk copies and wgmma
/// that are issued after it and after a barrier. Each thread that wrote must execute it, before that barrier.
///
/// Source  PTX ISA, fence.proxy.async.shared::cta; "Async proxy".
SIMT_DEVICE void fence_proxy_async() {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::fence_proxy_async();
#endif
}

/// The mbarriers that this thread initialised are seen by bulk copies and, after a cluster_sync, by the other blocks
/// of the cluster.
///
/// Source  PTX ISA, fence.mbarrier_init.release.cluster.
SIMT_DEVICE void fence_mbarrier_init() {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::fence_mbarrier_init();
#endif
}

/// Orders this thread's accesses before it against those after it, as the threads of its cluster see them: behind an
/// mbarrier_wait whose arrivals came from another block, if that block's writes are read then.
///
/// Source  PTX ISA, fence.acq_rel.cluster.
SIMT_DEVICE void fence_acq_rel_cluster() {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile("fence.acq_rel.cluster;" ::: "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::finish_arrivals(executor::current_thread());
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt

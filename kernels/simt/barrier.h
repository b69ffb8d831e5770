#pragma once
// Barriers of a warp, of a block, and of some warps of a block. For a cluster: cluster.h.

#include "kernels/simt/config.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/warp_operation.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// Waits for every thread of the block; memory written before it is seen after it.
///
/// Errors  host: a thread of the block has exited, or waits at another sync_threads of the source.
/// Source  CUDA C++ Programming Guide, "Synchronization Functions"; PTX ISA, bar.sync.
SIMT_DEVICE void sync_threads([[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  __syncthreads();
#else
  executor::sync_threads({"sync_threads", where});
#endif
}

/// Waits for every thread of the warp; memory written before it is seen after it.
///
/// Source  PTX ISA, bar.warp.sync.
SIMT_DEVICE void sync_warp([[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  __syncwarp();
#else
  executor::sync_warp({"sync_warp", where});
#endif
}

/// Waits until `threads` threads have arrived at barrier `id`, by whole warps.
///
/// Units   id: 1 .. 15 (0 is what sync_threads uses); threads: a multiple of 32.
/// Errors  host: a bad id or count, another count than the warps that already wait.
/// Source  PTX ISA, bar.sync a, b (its .aligned form: the whole warp executes it).
SIMT_DEVICE void named_barrier_sync(unsigned id, unsigned threads, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  asm volatile("bar.sync %0, %1;" ::"r"(id), "r"(threads) : "memory");
#else
  executor::named_barrier_sync({"named_barrier_sync", where}, id, threads);
#endif
}

/// Arrives at barrier `id` and goes on: memory written before it is seen by those who wait there with
/// named_barrier_sync and the same count, in which arrivals count too.
///
/// Units   as named_barrier_sync.
/// Errors  host: as named_barrier_sync; a second arrival of a warp before the barrier was complete.
/// Source  PTX ISA, bar.arrive a, b.
SIMT_DEVICE void named_barrier_arrive(unsigned id, unsigned threads, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  asm volatile("bar.arrive %0, %1;" ::"r"(id), "r"(threads) : "memory");
#else
  executor::named_barrier_arrive({"named_barrier_arrive", where}, id, threads);
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt

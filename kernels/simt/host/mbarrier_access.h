#pragma once
// The mbarrier functions of the vocabulary on the host.

#include <cstdint>

#include "kernels/simt/host/block.h"

namespace kernelgate::simt::executor {

void mbarrier_init(const Operation& operation, void* mbarrier, std::uint32_t count);
void mbarrier_invalidate(const Operation& operation, void* mbarrier);
void mbarrier_arrive(const Operation& operation, void* mbarrier);
void mbarrier_expect_tx(const Operation& operation, void* mbarrier, std::uint32_t bytes);
void mbarrier_arrive_expect_tx(const Operation& operation, void* mbarrier, std::uint32_t bytes);
/// Whether the phase of that parity is over. If not, others may run, and with `again` it is looked at once more.
bool mbarrier_test(const Operation& operation, const void* mbarrier, std::uint32_t parity, bool again);
void mbarrier_wait(const Operation& operation, const void* mbarrier, std::uint32_t parity);
/// At one of any block of the cluster: asynchronous, and there before whatever releases the thread's writes.
void mbarrier_arrive_cluster(const Operation& operation, void* mbarrier);

void fence_mbarrier_init();

/// At the issue of an asynchronous operation that will complete bytes of `mbarrier`, in the shared memory of `block`.
///
/// Errors  Fault of the issuer: no mbarrier lives there, or its maker has not executed the fence that shows it to
///         the async proxy and to other blocks.
void check_async_mbarrier(const Thread& issuer, const Operation& operation, Block& block, const void* mbarrier);

/// In a step of such an operation: `bytes` have arrived.
///
/// Errors  Fault of the issuer.
void complete_tx(Block& block, const AsyncOperation& cause, void* mbarrier, std::uint32_t bytes);
void complete_tx(Block& block, const Thread& issuer, const Operation& operation, void* mbarrier, std::uint32_t bytes);

/// Before anything by which the thread releases what it did: its arrivals at other blocks get there.
void finish_arrivals(Thread& thread);

}  // namespace kernelgate::simt::executor

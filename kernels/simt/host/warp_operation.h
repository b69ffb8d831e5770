#pragma once
// Operations that a whole warp, or the warps of a block, execute together.

#include <cstdint>

#include "kernels/simt/host/block.h"

namespace kernelgate::simt::executor {

/// Performs an operation for all lanes: arguments[i] is what lane i gave.
using Perform = void (*)(Block& block, unsigned warp, const Operation& operation, void* const* arguments);

/// Waits for all 32 lanes; the last one to arrive performs it for all.
///
/// Errors  Fault when a lane is at another operation, has exited, or does not exist.
void warp_operation(const Operation& operation, void* mine, Perform perform);

/// The arrival of this thread at an operation of its warp: true if it is the last, who then must let the others go on;
/// the rest suspend.
bool arrive_in_warp(Thread& thread, const Operation& operation, void* mine);

/// Waits for all lanes of the warp; true in the last one to arrive.
bool meet_in_warp(const Operation& operation);
void sync_warp(const Operation& operation);
void sync_threads(const Operation& operation);
void named_barrier_sync(const Operation& operation, unsigned id, unsigned threads);
void named_barrier_arrive(const Operation& operation, unsigned id, unsigned threads);
bool elect_one(const Operation& operation);
std::uint32_t shuffle(const Operation& operation, std::uint32_t bits, unsigned source);
/// All lanes' values, combined in the order of the lanes.
std::uint32_t reduce(const Operation& operation, std::uint32_t bits,
                     std::uint32_t (*combine)(std::uint32_t, std::uint32_t));
std::uint32_t ballot(const Operation& operation, bool predicate);

}  // namespace kernelgate::simt::executor

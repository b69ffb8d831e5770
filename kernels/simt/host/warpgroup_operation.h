#pragma once
// Operations that the four warps of a warpgroup execute together.

#include "kernels/simt/host/block.h"

namespace kernelgate::simt::executor {

/// Performs an operation for the 128 threads of a warpgroup: arguments[i] is what its thread i gave.
using PerformGroup = void (*)(Block& block, unsigned warpgroup, const Operation& operation, void* const* arguments);

/// Waits for all threads of the aligned group of four warps; the last one to arrive performs it for all.
///
/// Errors  Fault when one is at another operation, has exited, or does not exist.
void warpgroup_operation(const Operation& operation, void* mine, PerformGroup perform);

}  // namespace kernelgate::simt::executor

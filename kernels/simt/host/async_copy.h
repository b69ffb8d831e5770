#pragma once
// cp.async on the host: lands as early or as late as the rules allow, and shows poison until then.

#include "kernels/simt/host/block.h"

namespace kernelgate::simt::executor {

void cp_async(const Operation& operation, void* shared, const void* global, int bytes, int source_bytes);
void cp_async_commit();
void cp_async_wait(int pending);

/// What a thread leaves under way when it exits lands then.
void land_all(Thread& thread);

}  // namespace kernelgate::simt::executor

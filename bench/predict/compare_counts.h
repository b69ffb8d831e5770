#pragma once
// Whether a kernel's machine code, as it was followed, does what the host executor saw the kernel do.

#include <string>

#include "harness/predict/follow/warp_trace.h"
#include "kernels/simt/host/counters.h"

namespace kernelgate {

/// The first operation of which they have different counts, with both; empty where they agree.
std::string difference(const predict::BlockCounts& code, const simt::Counters& executor);

}  // namespace kernelgate

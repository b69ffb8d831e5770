#pragma once
// How a kernel hands its readings over.

#include <cstdint>

#include "kernels/microbench/clocked.h"
#include "kernels/simt/simt.h"

namespace kernelgate::microbench {
inline namespace SIMT_SIDE {

/// By one thread of the block. `kept` is what was computed, so that no compiler leaves it out.
SIMT_DEVICE void give(std::int64_t* readings, std::int64_t first, std::int64_t second = 0, std::int64_t kept = 0) {
  const simt::Dim3 at = simt::block_idx();
  std::int64_t* mine = readings + 4 * at.x;
  simt::store_global(mine, first);
  simt::store_global(mine + 1, second);
  simt::store_global(mine + 2, kept);
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::microbench

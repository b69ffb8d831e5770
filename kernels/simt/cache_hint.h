#pragma once
// What L2 should keep of the memory that an asynchronous copy goes through (sm_90 on).

#include <cstdint>

#include "kernels/simt/config.h"

namespace kernelgate::simt {

/// A hint, no more: it changes no result. The host executor does not look at it.
///
/// Source  CUTLASS, TMA::CacheHintSm90: what createpolicy.fractional gives for the whole of the access.
enum class CacheHint : std::uint64_t {
  evict_normal = 0x1000'0000'0000'0000,
  evict_first = 0x12f0'0000'0000'0000,  ///< read once
  evict_last = 0x14f0'0000'0000'0000,   ///< read again by other blocks
};

}  // namespace kernelgate::simt

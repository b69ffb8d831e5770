#pragma once
// What the instruction that makes cache policies gives, beside the constants that the vocabulary has in its place.

#include <cstdint>

#include "kernels/simt/cache_hint.h"
#include "kernels/simt/config.h"

namespace kernelgate::silicon {
inline namespace SIMT_SIDE {

/// Source  PTX ISA, createpolicy.fractional, of all of the access.
SIMT_DEVICE std::uint64_t created_policy(simt::CacheHint hint) {
#if SIMT_ON_GPU
  std::uint64_t policy = 0;
#if SIMT_ARCH >= 80
  if (hint == simt::CacheHint::evict_first)
    asm volatile("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;" : "=l"(policy));
  else if (hint == simt::CacheHint::evict_last)
    asm volatile("createpolicy.fractional.L2::evict_last.b64 %0, 1.0;" : "=l"(policy));
  else
    asm volatile("createpolicy.fractional.L2::evict_normal.b64 %0, 1.0;" : "=l"(policy));
#endif
  return policy;
#else
  return static_cast<std::uint64_t>(hint);
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::silicon

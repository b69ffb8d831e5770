#pragma once
// One number of many words. A single wrong word always makes another digest; several do, but for one case in 2^32.

#include <cstdint>

#if defined(__CUDACC__)
#define KERNELGATE_DIGEST __host__ __device__ constexpr
#else
#define KERNELGATE_DIGEST constexpr
#endif

namespace kernelgate::sdc {

/// Each step is one-to-one in both: no two words, and no two digests before, come to the same.
KERNELGATE_DIGEST std::uint32_t mix(std::uint32_t digest, std::uint32_t word) {
  digest = (digest ^ word) * 2654435769u;
  return digest ^ digest >> 15;
}

/// What a thread begins with: others than its neighbours', so that exchanged words are seen.
KERNELGATE_DIGEST std::uint32_t first_digest(std::uint32_t thread) { return mix(thread + 1, 0x53444331u); }

}  // namespace kernelgate::sdc

#pragma once
// How TMA and wgmma arrange 16-byte chunks of shared memory so that columns meet all banks.

#include <cstdint>

#include "kernels/simt/config.h"

namespace kernelgate::simt {

/// The number is the span in bytes within which chunks change places.
enum class Swizzle : std::uint8_t { none, bytes_32, bytes_64, bytes_128 };

inline namespace SIMT_SIDE {

/// Bytes within which chunks change places; the innermost side of a box may be no longer. Without a swizzle 16.
SIMT_HOST_DEVICE constexpr unsigned swizzle_span(Swizzle mode) { return 16u << static_cast<unsigned>(mode); }

/// Bytes after which the pattern starts again; without a swizzle 128.
SIMT_HOST_DEVICE constexpr unsigned swizzle_period(Swizzle mode) { return 128u << static_cast<unsigned>(mode); }

/// Where the byte lies whose place in a plain image is `address`: bits 4-6 of the address are XORed with bits 7-9
/// (128 bytes), 4-5 with 7-8 (64), 4 with 7 (32). Its own inverse.
///
/// The bits are those of the address in shared memory, not of the offset in a box: an offset may stand for the
/// address only in a box that begins at a multiple of swizzle_period.
///
/// Units   address: bytes, from a multiple of 1024, such as dynamic_shared().
/// Source  PTX ISA, "Swizzling Modes".
SIMT_HOST_DEVICE constexpr unsigned swizzled(Swizzle mode, unsigned address) {
  const unsigned chunks = (1u << static_cast<unsigned>(mode)) - 1;
  return address ^ ((address >> 7 & chunks) << 4);
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt

#pragma once
// Descriptors: how wgmma is told where a matrix lies in shared memory and how it is arranged there.
//
// Shared memory is seen in chunks of 16 bytes: 8 elements that are neighbours along the major index, k or mn, where mn
// is the row of A or the column of B. With w = 1, 2, 4, 8 chunks for a swizzle of none, 32, 64, 128 bytes, chunk c of
// the other index i begins, before the swizzle, at
//
//                 k-major: mn = i, k = 8 c               mn-major: mn = 8 c, k = i
//   none          i % 8 * 16 + i / 8 * stride            i % 8 * 16 + i / 8 * leading
//                   + c * leading                          + c * stride
//   32, 64, 128   i % 8 * 16 w + i / 8 * stride          i % 8 * 16 w + i / 8 * stride
//                   + c * 16                               + c % w * 16 + c / w * leading
//
// from the descriptor's start. So 8 rows of 16 w bytes, one behind the other, are one repetition of the swizzle; the
// box of a TMA load whose rows are as long as the swizzle is such a column of them, with stride = 8 * 16 w.

#include <cstdint>

#include "kernels/simt/config.h"
#include "kernels/simt/swizzle.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/smem_matrix.h"
#endif

namespace kernelgate::simt {

/// Which index of a matrix runs fastest in memory: k, or the row of A or column of B.
enum class Major : std::uint8_t { k, mn };

/// As the instruction takes it. On the host the start address counts from the block's dynamic shared memory.
struct SmemDescriptor {
  std::uint64_t bits = 0;
};

inline namespace SIMT_SIDE {

/// Units   stride_bytes, leading_bytes: as above; leading is not looked at in a swizzled k-major matrix.
///         base_offset: 0 if the swizzle was applied to addresses, as TMA does it; (pattern >> 7) % 8 if it starts anew
///         at an address `pattern` that is no multiple of swizzle_period.
/// Errors  host: the start is outside the block's shared memory; the start or an offset is not a multiple of 16; an
///         offset of 2^18 or more; a base offset above 7, or with no swizzle.
/// Source  PTX ISA, wgmma, "Matrix Descriptor Format" and "Canonical Layouts".
SIMT_DEVICE SmemDescriptor smem_descriptor(const void* start, Swizzle swizzle, unsigned stride_bytes,
                                           unsigned leading_bytes = 0, unsigned base_offset = 0,
                                           [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  const unsigned address = detail::shared_address(start);
#else
  const unsigned address =
      executor::descriptor_start({"smem_descriptor", where}, start, swizzle, stride_bytes, leading_bytes, base_offset);
#endif
  // The instruction numbers the swizzles 0: none, 1: 128 bytes, 2: 64, 3: 32.
  const std::uint64_t mode = (4 - static_cast<unsigned>(swizzle)) % 4;
  return {std::uint64_t{(address & 0x3ffffu) >> 4} | std::uint64_t{leading_bytes >> 4} << 16 |
          std::uint64_t{stride_bytes >> 4} << 32 | std::uint64_t{base_offset} << 49 | mode << 62};
}

/// The same matrix from `bytes` further on: the next 16 k of a k-major matrix are 32 bytes on while they are in the
/// same swizzled row, and of an mn-major one 2 * stride (no swizzle: 2 * leading).
///
/// Units   bytes: a multiple of 16.
SIMT_DEVICE SmemDescriptor advance(SmemDescriptor descriptor, unsigned bytes) {
  return {descriptor.bits + (bytes >> 4)};
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt

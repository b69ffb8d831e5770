#pragma once
// A matrix in shared memory as wgmma reads it: from a descriptor to the address of each element.

#include <cstddef>
#include <cstdint>

#include "kernels/simt/host/fault.h"
#include "kernels/simt/swizzle.h"

namespace kernelgate::simt {
struct SmemDescriptor;
enum class Major : std::uint8_t;
namespace executor {

class SharedMemory;

/// A descriptor, taken apart. All but base_offset in bytes; start from the beginning of the block's shared memory.
struct SmemMatrix {
  unsigned start = 0;
  unsigned leading = 0;
  unsigned stride = 0;
  unsigned base_offset = 0;
  Swizzle swizzle = Swizzle::none;
};

/// The start address for a descriptor, once all its parts are found to be legal.
unsigned descriptor_start(const Operation& operation, const void* start, Swizzle swizzle, unsigned stride,
                          unsigned leading, unsigned base_offset);

/// Errors  Fault if a bit is set that the format reserves.
SmemMatrix decode(const Thread& thread, const Operation& operation, SmemDescriptor descriptor, const char* operand);

/// Where the chunk begins that holds element (mn, k) and its 7 neighbours along the major index.
///
/// Units   bytes from the beginning of the block's shared memory; may be past its end.
/// Source  PTX ISA, wgmma, "Canonical Layouts": Swizzle<B, 4, 3> of the layout of 16-byte elements.
unsigned chunk_at(const SmemMatrix& matrix, Major major, unsigned mn, unsigned k);

/// The offsets of the chunks of a matrix [extent][16] of 16-bit elements, in the order that `gather` wants: k-major
/// [mn][k / 8], mn-major [mn / 8][k]; 2 * extent of them.
///
/// Errors  Fault if one is not in shared memory.
void find_chunks(const Thread& thread, const Operation& operation, const SmemMatrix& matrix, Major major,
                 unsigned extent, const char* operand, unsigned* offsets);

/// The elements, as [mn][16] if `rows_of_k`, else as [16][mn].
void gather(const std::byte* shared, const unsigned* offsets, Major major, unsigned extent, bool rows_of_k,
            std::uint16_t* elements);

}  // namespace executor
}  // namespace kernelgate::simt

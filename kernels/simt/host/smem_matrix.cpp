#include "kernels/simt/host/smem_matrix.h"

#include <fmt/format.h>

#include <cstring>

#include "kernels/simt/host/block.h"
#include "kernels/simt/smem_descriptor.h"

namespace kernelgate::simt::executor {

unsigned descriptor_start(const Operation& operation, const void* start, Swizzle swizzle, unsigned stride,
                          unsigned leading, unsigned base_offset) {
  const SharedMemory& shared = current_thread().block->shared();
  if (!shared.contains(start, 16))
    fault(operation, fmt::format("out of bounds: the matrix starts {}", shared.locate(start)));
  const auto address = static_cast<unsigned>(static_cast<const std::byte*>(start) - shared.data());
  const auto check = [&](const char* what, unsigned bytes) {
    if (bytes % 16 != 0) fault(operation, fmt::format("{} is {} bytes, must be a multiple of 16", what, bytes));
    if (bytes >= 1u << 18) fault(operation, fmt::format("{} is {} bytes, must be less than {}", what, bytes, 1u << 18));
  };
  check("the start's offset in shared memory", address);
  check("stride_bytes", stride);
  check("leading_bytes", leading);
  if (base_offset > 7) fault(operation, fmt::format("base_offset is {}, must be 0 to 7", base_offset));
  if (base_offset != 0 && swizzle == Swizzle::none)
    fault(operation, fmt::format("base_offset is {}, must be 0 where there is no swizzle", base_offset));
  return address;
}

SmemMatrix decode(const Thread& thread, const Operation& operation, SmemDescriptor descriptor, const char* operand) {
  constexpr std::uint64_t reserved = 0x3ull << 14 | 0x3ull << 30 | 0x7ull << 46 | 0x3ffull << 52;
  const std::uint64_t bits = descriptor.bits;
  if ((bits & reserved) != 0)
    fault(
        thread, operation,
        fmt::format("the descriptor of {}, {:#018x}, has reserved bits set: it is no descriptor, or was advanced past "
                    "the end of shared memory",
                    operand, bits));
  const auto bytes = [&](unsigned first_bit) { return static_cast<unsigned>(bits >> first_bit & 0x3fffu) << 4; };
  return {bytes(0), bytes(16), bytes(32), static_cast<unsigned>(bits >> 49 & 7u),
          static_cast<Swizzle>((4 - (bits >> 62)) % 4)};
}

unsigned chunk_at(const SmemMatrix& matrix, Major major, unsigned mn, unsigned k) {
  const bool k_major = major == Major::k;
  const unsigned chunk = (k_major ? k : mn) / 8, line = k_major ? mn : k;
  const unsigned chunks = swizzle_span(matrix.swizzle) / 16;  // in a line
  unsigned at = matrix.start + line % 8 * 16 * chunks;
  if (matrix.swizzle == Swizzle::none) {
    at += line / 8 * (k_major ? matrix.stride : matrix.leading) + chunk * (k_major ? matrix.leading : matrix.stride);
  } else {
    at += line / 8 * matrix.stride;
    at += k_major ? chunk * 16 : chunk % chunks * 16 + chunk / chunks * matrix.leading;
  }
  // The pattern is in the address, counted from where the base offset says that it starts.
  return at ^ (((at >> 7) - matrix.base_offset) % chunks << 4);
}

void find_chunks(const Thread& thread, const Operation& operation, const SmemMatrix& matrix, Major major,
                 unsigned extent, const char* operand, unsigned* offsets) {
  const std::size_t size = thread.block->shared().size();
  const unsigned mn_step = major == Major::k ? 1 : 8, k_step = major == Major::k ? 8 : 1;
  for (unsigned mn = 0; mn < extent; mn += mn_step)
    for (unsigned k = 0; k < 16; k += k_step) {
      const unsigned at = chunk_at(matrix, major, mn, k);
      if (at + 16 > size)
        fault(thread, operation,
              fmt::format("out of bounds: {}[{}][{}] of {} is at offset {} of the {} bytes of shared memory "
                          "(start {}, stride {}, leading {})",
                          operand, mn, k, major == Major::k ? "the k-major matrix" : "the mn-major matrix", at, size,
                          matrix.start, matrix.stride, matrix.leading));
      *offsets++ = at;
    }
}

void gather(const std::byte* shared, const unsigned* offsets, Major major, unsigned extent, bool rows_of_k,
            std::uint16_t* elements) {
  const unsigned mn_step = major == Major::k ? 1 : 8, k_step = major == Major::k ? 8 : 1;
  // From one element of a chunk to the next in the result.
  const unsigned step = rows_of_k ? mn_step == 8 ? 16 : 1 : mn_step == 8 ? 1 : extent;
  for (unsigned mn = 0; mn < extent; mn += mn_step)
    for (unsigned k = 0; k < 16; k += k_step) {
      std::uint16_t chunk[8];
      std::memcpy(chunk, shared + *offsets++, sizeof chunk);
      std::uint16_t* to = elements + (rows_of_k ? mn * 16 + k : k * extent + mn);
      for (unsigned i = 0; i < 8; ++i) to[i * step] = chunk[i];
    }
}

}  // namespace kernelgate::simt::executor

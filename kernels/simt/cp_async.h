#pragma once
// Copies from global to shared memory that go on while the thread does something else (sm_80 on).

#include <cstdint>
#include <type_traits>

#include "kernels/simt/config.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/async_copy.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// Starts a copy of `bytes` bytes, of which the first `source_bytes` are read and the rest are zeros.
///
/// It is complete for this thread after the cp_async_wait that covers its group, and for the others
/// after a barrier behind that. 16 bytes bypass L1 (.cg), 4 and 8 do not (.ca). On sm_75, which has no
/// such instruction, the thread copies through registers before it goes on.
///
/// Units   source_bytes: 0 .. bytes; both addresses must be multiples of `bytes`, even if nothing is read.
/// Errors  host: misaligned, outside the block's shared memory, source_bytes out of range.
/// Source  PTX ISA, cp.async.
template <int bytes>
SIMT_DEVICE void cp_async(void* shared, const void* global, int source_bytes = bytes,
                          [[maybe_unused]] Where where = Where::current()) {
  static_assert(bytes == 4 || bytes == 8 || bytes == 16);
#if SIMT_ON_GPU
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
  const auto to = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  const auto from = __cvta_generic_to_global(global);
  if constexpr (bytes == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(source_bytes) : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(to), "l"(from), "n"(bytes), "r"(source_bytes)
                 : "memory");
  }
#else
  using Word = std::conditional_t<bytes == 16, uint4, std::conditional_t<bytes == 8, uint2, unsigned> >;
  alignas(bytes) std::uint32_t words[bytes / 4] = {};
  if (source_bytes == bytes) {
    *reinterpret_cast<Word*>(words) = *static_cast<const Word*>(global);
  } else {
    SIMT_UNROLL
    for (int i = 0; i < bytes; ++i)
      if (i < source_bytes)
        words[i / 4] |= static_cast<std::uint32_t>(static_cast<const unsigned char*>(global)[i]) << (i % 4 * 8);
  }
  *static_cast<Word*>(shared) = *reinterpret_cast<const Word*>(words);
#endif
#else
  executor::cp_async({"cp_async", where}, shared, global, bytes, source_bytes);
#endif
}

/// Makes one group of this thread's copies since the last commit; it may be empty.
///
/// Source  PTX ISA, cp.async.commit_group.
SIMT_DEVICE void cp_async_commit() {
#if SIMT_ON_GPU
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
#else
  executor::cp_async_commit();
#endif
}

/// Waits until at most the `pending` latest groups of this thread are under way. Copies that were not
/// committed are not waited for, not even by 0.
///
/// Source  PTX ISA, cp.async.wait_group.
template <int pending>
SIMT_DEVICE void cp_async_wait() {
  static_assert(pending >= 0);
#if SIMT_ON_GPU
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(pending) : "memory");
#endif
#else
  executor::cp_async_wait(pending);
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt

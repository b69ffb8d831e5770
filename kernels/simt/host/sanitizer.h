#pragma once
// What AddressSanitizer needs to know of memory and stacks that it did not see being made.

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define SIMT_ASAN 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#else
#define SIMT_ASAN 0
#endif

namespace kernelgate::simt::executor {

inline void forbid_access([[maybe_unused]] const void* begin, [[maybe_unused]] std::size_t bytes) {
#if SIMT_ASAN
  __asan_poison_memory_region(begin, bytes);
#endif
}

inline void allow_access([[maybe_unused]] const void* begin, [[maybe_unused]] std::size_t bytes) {
#if SIMT_ASAN
  __asan_unpoison_memory_region(begin, bytes);
#endif
}

/// Before a switch to the stack at `bottom`. `keep` is where the state of the stack that is left is
/// put; null when that stack ends.
inline void before_switch([[maybe_unused]] void** keep, [[maybe_unused]] const void* bottom,
                          [[maybe_unused]] std::size_t size) {
#if SIMT_ASAN
  __sanitizer_start_switch_fiber(keep, bottom, size);
#endif
}

/// After a switch; `bottom` and `size` receive the stack that was left.
inline void after_switch([[maybe_unused]] void* kept, [[maybe_unused]] const void** bottom,
                         [[maybe_unused]] std::size_t* size) {
#if SIMT_ASAN
  __sanitizer_finish_switch_fiber(kept, bottom, size);
#endif
}

}  // namespace kernelgate::simt::executor

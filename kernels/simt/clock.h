#pragma once
// Time, sleep, and the end of a kernel that can't go on.

#include <cstdint>

#include "kernels/simt/config.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/clock.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// Clock cycles of the multiprocessor. Host: changes of thread, so that the same seed reads the same.
///
/// Source  CUDA C++ Programming Guide, clock64().
SIMT_DEVICE std::int64_t clock_cycles() {
#if SIMT_ON_GPU
  return clock64();
#else
  return executor::clock_cycles();
#endif
}

/// Sleeps for about that long; host: lets the others run.
///
/// Units   at most 1000000.
/// Source  PTX ISA, nanosleep.u32.
SIMT_DEVICE void nanosleep(std::uint32_t nanoseconds, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  __nanosleep(nanoseconds);
#else
  executor::nanosleep({"nanosleep", where}, nanoseconds);
#endif
}

/// Ends the kernel with an error.
///
/// Source  PTX ISA, trap.
SIMT_DEVICE void trap([[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  __trap();
#else
  executor::trap({"trap", where});
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt

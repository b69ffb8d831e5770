#pragma once
// Registers: which values stay in them, and which ones warpgroups hand to each other. A producer needs few, a consumer
// with large accumulators many.

#include "kernels/simt/config.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/register_pool.h"
#endif

// setmaxnreg is a feature of one architecture at a time.
#if SIMT_ON_GPU && (!defined(__CUDA_ARCH__) || defined(__CUDA_ARCH_FEAT_SM90_ALL) ||              \
                    defined(__CUDA_ARCH_FEAT_SM100_ALL) || defined(__CUDA_ARCH_FEAT_SM103_ALL) || \
                    defined(__CUDA_ARCH_FEAT_SM120_ALL) || defined(__CUDA_ARCH_FEAT_SM121_ALL))
#define SIMT_HAS_SETMAXNREG 1
#else
#define SIMT_HAS_SETMAXNREG 0
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// The same value, of which the compiler knows nothing. What a loop derives from it is computed in each round, and not
/// kept in registers from before the loop.
SIMT_DEVICE unsigned opaque(unsigned value) {
#if SIMT_ON_GPU
  asm volatile("" : "+r"(value));
#endif
  return value;
}

/// Gives back what each thread of the warpgroup holds above `registers`. All its threads execute it.
///
/// The assembler leaves it out of a kernel whose registers are not bounded: SIMT_KERNEL(threads, 1) bounds them.
/// Where the architecture has no such instruction (all but sm_90a, 100a, 103a, 120a, 121a) nothing happens. The host
/// takes the block to be launched with as many registers as fit: 65536 / threads, rounded down to a multiple of 8.
///
/// Units   registers: 24 .. 256, a multiple of 8.
/// Errors  host: more than the group holds.
/// Source  PTX ISA, setmaxnreg.dec.sync.aligned.u32.
template <unsigned registers>
SIMT_DEVICE void set_max_registers_dec([[maybe_unused]] Where where = Where::current()) {
  static_assert(registers >= 24 && registers <= 256 && registers % 8 == 0);
#if SIMT_ON_GPU
#if SIMT_HAS_SETMAXNREG
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(registers));
#endif
#else
  executor::set_max_registers({"set_max_registers_dec", where}, registers, false);
#endif
}

/// Waits until the block has enough free registers, and takes them.
///
/// Units   as set_max_registers_dec.
/// Errors  host: less than the group holds. If others never give enough back: a deadlock.
/// Source  PTX ISA, setmaxnreg.inc.sync.aligned.u32.
template <unsigned registers>
SIMT_DEVICE void set_max_registers_inc([[maybe_unused]] Where where = Where::current()) {
  static_assert(registers >= 24 && registers <= 256 && registers % 8 == 0);
#if SIMT_ON_GPU
#if SIMT_HAS_SETMAXNREG
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(registers));
#endif
#else
  executor::set_max_registers({"set_max_registers_inc", where}, registers, true);
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt

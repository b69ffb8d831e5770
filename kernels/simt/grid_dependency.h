#pragma once
// Kernels of one stream that overlap: the next one starts while this one ends (sm_90 on).

#include "kernels/simt/config.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/block.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// Waits until the kernel before this one in the stream has ended and what it wrote is seen. A kernel that is launched
/// with LaunchShape::overlaps_previous calls it before it reads or writes what that one touches; without, and before
/// sm_90, there is nothing to wait for.
///
/// Errors  host: no thread of a block of such a launch has called it.
/// Source  PTX ISA, griddepcontrol.wait; CUDA C++ Programming Guide, "Programmatic Dependent Launch".
SIMT_DEVICE void grid_dependency_wait() {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
#else
  executor::current_thread().block->waited_for_grid();
#endif
}

/// The kernel behind this one may start, once all blocks have said so or ended. It says nothing of memory.
///
/// Source  PTX ISA, griddepcontrol.launch_dependents.
SIMT_DEVICE void grid_launch_dependents() {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
#else
  executor::current_thread();  // must be in a kernel; the next one starts when this one has ended
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt

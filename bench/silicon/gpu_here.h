#pragma once
// The GPU that is looked at, without a CUDA context in this process: it starts children, which must have their own.

#include <string>

#include "kernels/op/device.h"

namespace kernelgate::silicon {

struct GpuHere {
  Device device;
  std::string driver;  ///< "580.65.06"; empty: not known
  std::string reason;  ///< why there is none; empty: there is
};

/// Asks CUDA in a child process, which may take some time to start.
GpuHere gpu_here(int ordinal);

/// The host executor in its place: a rehearsal.
GpuHere no_gpu_but_executor();

}  // namespace kernelgate::silicon

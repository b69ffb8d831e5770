#pragma once
// The machine code of this program's own kernels.

#include <string>

#include "harness/predict/model/launch_model.h"

namespace kernelgate {

struct OurKernel {
  predict::SassKernel code;
  predict::KernelNeeds needs;
};

/// The kernel of a file ("matmul/sm75_multistage") that has this host function, for the first of the architectures that
/// it was compiled for. Lives as long as the program.
/// Errors  HarnessError(nothing): the program has no machine code, or none for these architectures.
const OurKernel& our_kernel(const std::string& file, const void* host_function, const std::vector<std::string>& archs);

}  // namespace kernelgate

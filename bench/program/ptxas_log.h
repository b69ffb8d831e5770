#pragma once
// What ptxas said while it compiled the kernels in this program; the source is written at build time.

#include <string_view>

namespace kernelgate {

/// The logs of all kernel files, each under a line `kernelgate: nvcc VERSION, SOURCE`. Empty in a build
/// without CUDA. Read it with parse_ptxas_log.
std::string_view ptxas_log();

}  // namespace kernelgate

#pragma once
// Whether the program under test holds kernels that nvcc compiled.

#include <string_view>

namespace kernelgate {

inline constexpr bool built_with_cuda = std::string_view(KERNELGATE_NVCC) != "";

}  // namespace kernelgate

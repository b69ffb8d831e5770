#pragma once
// The smoke kernels as the driver is given them: machine code for each architecture of this build, and PTX.

#include <span>
#include <string_view>

namespace kernelgate {

struct SmokeImage {
  std::string_view name;          ///< "sm_90a", "PTX 9.0"
  std::string_view architecture;  ///< "90a": what the machine code is for, or the least that the PTX is for
  bool ptx;
  std::string_view bytes;  ///< an ELF file, or a text that ends in a zero byte
};

/// Machine code first, oldest architecture first; then PTX of this build's toolkit; then plain PTX, the only one in a
/// build without CUDA.
std::span<const SmokeImage> smoke_images();

}  // namespace kernelgate

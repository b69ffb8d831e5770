#pragma once
// The machine code of this program's own kernels, as CUDA's driver is given it: what `kernelgate codegen` looks at is
// what runs, and no CUDA runtime is started for it.

#include <string>
#include <string_view>
#include <vector>

namespace kernelgate::accept {

/// The machine code of one file for one architecture.
struct OwnImage {
  int architecture = 0;              ///< 80
  bool that_alone = false;           ///< the "a" of 90a
  std::string bytes;                 ///< a cubin
  std::vector<std::string> kernels;  ///< the names of its functions, as the compiler made them

  bool fits(int compute_capability) const;
};

/// Those of the program's file with a function whose name has one of `kernels` in it. Empty in a build without CUDA.
/// Errors  HarnessError: the file can't be read, or its code is compressed.
std::vector<OwnImage> own_images(const std::vector<std::string_view>& kernels);

/// The images in the bytes of a program.
std::vector<OwnImage> images_in(std::string_view program, const std::vector<std::string_view>& kernels);

struct OwnKernel {
  const OwnImage* image = nullptr;  ///< null: none fits
  std::string symbol;
};
/// The function named so for a GPU: the newest architecture that fits.
OwnKernel find_kernel(const std::vector<OwnImage>& images, std::string_view name, int compute_capability);

}  // namespace kernelgate::accept

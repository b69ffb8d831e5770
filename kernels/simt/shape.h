#pragma once
// Sizes and indices of grids and blocks. The same type on both sides.

#include <cstddef>

namespace kernelgate::simt {

struct Dim3 {
  unsigned x = 1;
  unsigned y = 1;
  unsigned z = 1;

  constexpr std::size_t count() const { return std::size_t{x} * y * z; }
  friend constexpr bool operator==(const Dim3&, const Dim3&) = default;
};

/// How a kernel is launched.
struct LaunchShape {
  Dim3 grid;
  Dim3 block;
  std::size_t dynamic_shared_bytes = 0;
  const char* kernel_name = nullptr;  ///< for error texts; a literal
};

/// What a block may use of shared memory at most on the largest GPU known here, and what it may use
/// without asking for more. Source: CUDA C++ Programming Guide, table of compute capabilities.
inline constexpr std::size_t max_shared_bytes = 227 * 1024;
inline constexpr std::size_t default_shared_bytes = 48 * 1024;

}  // namespace kernelgate::simt

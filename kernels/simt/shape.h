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
  /// Blocks that run at the same time and reach each other's shared memory (sm_90 on); divides the grid.
  Dim3 cluster{};
  /// May start before the kernel in front of it in the stream has ended (sm_90 on): grid_dependency_wait waits
  /// for that.
  bool overlaps_previous = false;
};

/// Without asking a driver whether more would do.
inline constexpr unsigned max_cluster_blocks = 8;

/// What a block may use of shared memory at most on the largest GPU known here, and what it may use
/// without asking for more. Source: CUDA C++ Programming Guide, table of compute capabilities.
inline constexpr std::size_t max_shared_bytes = 227 * 1024;
inline constexpr std::size_t default_shared_bytes = 48 * 1024;

/// The same for one compute capability; for one that is not known here, what every GPU has.
constexpr std::size_t max_shared_bytes_of(int major, int minor) {
  switch (10 * major + minor) {
    case 75:
      return 64 * 1024;
    case 80:
    case 87:
      return 163 * 1024;
    case 86:
    case 89:
    case 120:
    case 121:
      return 99 * 1024;
    case 90:
    case 100:
    case 101:
    case 103:
    case 110:
      return max_shared_bytes;
    default:
      return default_shared_bytes;
  }
}

}  // namespace kernelgate::simt

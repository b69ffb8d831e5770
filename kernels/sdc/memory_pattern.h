#pragma once
// Memory that is filled with numbers that are known, and read back: how quickly, and whether they are the same.

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/op/device.h"

#if defined(__CUDACC__)
#define KERNELGATE_PATTERN __host__ __device__ constexpr
#else
#define KERNELGATE_PATTERN constexpr
#endif

namespace kernelgate::sdc {

/// Word `index` of the memory. The next seed has all bits the other way round.
KERNELGATE_PATTERN std::uint32_t pattern_word(std::uint64_t index, std::uint32_t seed) {
  const auto low = static_cast<std::uint32_t>(index), high = static_cast<std::uint32_t>(index >> 32);
  const std::uint32_t word = (low ^ high * 40503u) * 2654435769u + seed / 2;
  return seed % 2 == 0 ? word : ~word;
}

/// Of the words that a block has read.
struct MemoryReport {
  std::uint64_t wrong;
  std::uint64_t first;  ///< the lowest index of a wrong one
  std::uint32_t got, multiprocessor;
};

/// The kernels' one parameter. Pointers are the device's.
///
/// Shapes  memory: `words`, a multiple of 4, at a multiple of 16 bytes.
struct MemoryRun {
  std::uint32_t* memory = nullptr;
  std::uint64_t words = 0;
  MemoryReport* reports = nullptr;  ///< one of each block
  std::uint32_t seed = 0;
};

inline constexpr unsigned memory_threads = 512;
/// Dynamic shared memory of a block.
inline constexpr unsigned memory_shared_bytes = 3 * sizeof(std::uint32_t);

struct MemoryKernel {
  std::string_view name;  ///< of the function: "memory_fill", "memory_check"
  std::function<void(unsigned blocks, const MemoryRun& run, Stream stream)> launch;
  DeviceKind device = DeviceKind::simt;
};

inline std::vector<MemoryKernel>& memory_kernels() {
  static std::vector<MemoryKernel> all;
  return all;
}

struct RegisterMemory {
  RegisterMemory(DeviceKind device, std::vector<MemoryKernel> those) {
    for (MemoryKernel& one : those) {
      one.device = device;
      memory_kernels().push_back(std::move(one));
    }
  }
};

}  // namespace kernelgate::sdc

#pragma once
// What a request of a warp costs: sectors of global memory, passes over the banks of shared memory.

#include <array>
#include <cstdint>
#include <span>

namespace kernelgate::simt::executor {

/// One load or store instruction of a warp. A lane that asks for nothing has 0 bytes.
struct MemoryRequest {
  std::array<std::uintptr_t, 32> address{};
  std::array<std::uint8_t, 32> bytes{};  ///< at most 16, and the address is a multiple of what it is rounded up to
};

/// Sectors of 32 bytes that a request touches, each counted once.
unsigned sectors(const MemoryRequest& request);

struct Wavefronts {
  unsigned needed = 0;     ///< if no two words were in one bank
  unsigned conflicts = 0;  ///< beyond that
};

/// Passes for words of 4 bytes (addresses / 4) that are asked for at once: as many as the most of them that are
/// in one of the 32 banks. Lanes that ask for the same word share it. Reorders `words`.
Wavefronts wavefronts(std::span<std::uintptr_t> words);

/// Passes for a load or store of `width` bytes a lane: up to 4 bytes all lanes at once, 8 bytes half a warp
/// at a time, 16 bytes a quarter.
Wavefronts wavefronts(const MemoryRequest& request, unsigned width);

}  // namespace kernelgate::simt::executor

#pragma once
// What an address costs: sectors of global memory, passes over the banks of shared memory.

#include <array>
#include <cstdint>
#include <vector>

#include "harness/predict/follow/lanes.h"

namespace kernelgate::predict {

struct Passes {
  unsigned needed = 0, conflicts = 0;
};

/// A load or store of `width` bytes a lane: all lanes at once up to 4 bytes, half a warp with 8, a quarter with 16.
Passes passes_of(const std::array<std::uint32_t, warp_lanes>& addresses, std::uint32_t lanes, unsigned width);

/// ldmatrix and stmatrix: 8 rows of 16 bytes for each of `matrices`; lane 8 m + r has row r of matrix m.
Passes passes_of_matrices(const std::array<std::uint32_t, warp_lanes>& addresses, unsigned matrices);

/// Adds the sectors, each once. `bytes`: of each lane, from its address on.
void add_sectors(const std::array<std::uint64_t, warp_lanes>& addresses, const std::array<unsigned, warp_lanes>& bytes,
                 std::uint32_t lanes, std::vector<std::uint64_t>& sectors);

}  // namespace kernelgate::predict

#pragma once
// Follows a block's warps through a kernel's machine code, instruction by instruction, without a GPU.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/predict/follow/tensor_box.h"
#include "harness/predict/follow/warp_trace.h"
#include "harness/predict/sass/instruction.h"

namespace kernelgate::predict {

struct LaunchFacts {
  std::array<std::uint32_t, 3> grid{1, 1, 1}, block{1, 1, 1}, cluster{1, 1, 1};
  unsigned dynamic_shared_bytes = 0;
  std::vector<std::byte> parameters;  ///< as the driver lays them out
  unsigned parameters_alignment = 1;  ///< the strictest of theirs
  /// Memory of which it is known what it holds, 64 at most: what others write to is not among it.
  std::vector<std::span<const std::byte>> tables;
  ReadTensorMap read_tensor_map;  ///< of a parameter; empty: there is none
  /// What an atomic increment that wraps returns: its limit, as to the last of the blocks that arrive there, or 0, as
  /// to the first.
  bool arrives_last = false;
  bool overlaps_previous = false;  ///< it may begin before the kernel before it has ended, for which it waits
  unsigned cluster_blocks() const { return cluster[0] * cluster[1] * cluster[2]; }
};

struct BlockTrace {
  std::vector<WarpTrace> warps;
  BlockCounts counts;
  std::uint64_t instructions = 0;  ///< issued, of all warps
};

/// Each warp as far as the next barrier, in turn. What it does may not depend on what memory holds, but for tables, and
/// for what the block's threads stored in its shared memory themselves.
///
/// Errors  HarnessError(invalid) that names the instruction: a branch, a guard or a loop that can't be followed.
BlockTrace follow_block(const SassKernel&, const LaunchFacts&, std::array<std::uint32_t, 3> block_index);

/// Where a kernel's parameters begin in c[0], by architecture ("sm90a"). Errors  HarnessError(invalid): not known.
unsigned parameters_at(const std::string& arch);

}  // namespace kernelgate::predict

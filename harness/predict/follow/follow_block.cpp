#include "harness/predict/follow/follow_block.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/error.h"
#include "harness/predict/follow/warp.h"

namespace kernelgate::predict {

// Source  nvcc 13.0's code for each architecture.
unsigned parameters_at(const std::string& arch) {
  const int number = std::stoi(arch.substr(2));
  if (number >= 70 && number < 90) return 0x160;
  if (number == 90) return 0x210;
  throw HarnessError(ExitCode::invalid, fmt::format("where {} keeps a kernel's parameters is not known", arch));
}

BlockTrace follow_block(const SassKernel& kernel, const LaunchFacts& launch, std::array<std::uint32_t, 3> block_index) {
  ConstantBank constants;
  constants.parameters = launch.parameters;
  const unsigned unit = launch.parameters_alignment;
  constants.parameters_at = (parameters_at(kernel.arch) + unit - 1) / unit * unit;
  constants.block = launch.block;
  constants.grid = launch.grid;
  constants.in_cluster = launch.cluster_blocks() > 1;
  const unsigned threads = launch.block[0] * launch.block[1] * launch.block[2];
  BlockTrace trace;
  for (unsigned first = 0; first < threads; first += warp_lanes) {
    Warp warp(kernel, constants, launch, block_index, first, std::min(threads - first, warp_lanes));
    trace.warps.push_back(warp.follow(trace.counts));
    trace.instructions += trace.warps.back().steps.size();
  }
  // Each warp counted it once.
  const std::uint64_t warps = std::max<std::uint64_t>(trace.warps.size(), 1);
  trace.counts.block_barriers /= warps;
  trace.counts.cluster_barriers /= warps;
  return trace;
}

}  // namespace kernelgate::predict

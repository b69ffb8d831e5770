#pragma once
// How long one launch takes on a GPU, from what its blocks do.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/predict/follow/follow_block.h"
#include "harness/predict/model/gpu.h"
#include "harness/predict/replay/multiprocessor.h"

namespace kernelgate::predict {

/// What a kernel needs of a multiprocessor.
struct KernelNeeds {
  int registers = 0;
  int static_shared_bytes = 0;
};

/// How many clusters of so many blocks find a place at once, if a multiprocessor holds one block. A cluster lies in one
/// GPC. Errors  HarnessError(invalid): none does.
int cluster_places(unsigned cluster, const Gpu&);

/// How many blocks a multiprocessor holds at once. Errors  HarnessError(invalid): not one.
int blocks_at_once(const LaunchFacts&, const KernelNeeds&, const Gpu&);

/// The part of a kernel between a branch back and its target.
struct Loop {
  std::size_t first = 0, last = 0;  ///< instructions
  std::uint64_t iterations = 0;     ///< of the slowest warp
  double cycles = 0;                ///< of these, without loops within
  std::array<double, reason_count> cycles_by_reason{};
};

struct LaunchPrediction {
  const SassKernel* kernel = nullptr;
  double launch_s = 0;  ///< until the first instruction, and from the last on; where it overlaps: until the one before
                        ///< it has ended
  double blocks_s = 0;  ///< the multiprocessor that takes longest
  double bandwidth_s = 0;  ///< what DRAM or L2 takes at least
  double power_s = 0;      ///< what the power cap makes of it; 0: it is too short, or nothing is known
  double seconds() const { return launch_s + std::max({blocks_s, bandwidth_s, power_s}); }
  std::string bound;       ///< "instruction issue"; what most of the time is spent on
  double bound_share = 0;  ///< of the whole
  std::string bandwidth;   ///< "DRAM" or "L2"
  std::int64_t blocks = 0;
  int at_once = 0;        ///< on one multiprocessor
  int cluster = 1;        ///< blocks
  bool overlaps = false;  ///< the kernel before it in a graph
  /// It loads through TMA, multiplies through wgmma, or runs in clusters: no kernel that does was measured, so how
  /// wrong this is is not known.
  bool error_unknown = false;
  double waves = 0;
  std::vector<Loop> loops;  ///< the longest first
  Replay replay;
};

struct LaunchQuestion {
  const SassKernel* kernel = nullptr;
  const LaunchFacts* launch = nullptr;
  KernelNeeds needs;
  /// Some of the launch's, the heaviest among them. Those of a cluster follow each other, all of them.
  const std::vector<BlockTrace>* blocks = nullptr;
  double flop = 0;          ///< on Tensor Cores
  double unique_bytes = 0;  ///< of global memory that the launch reads and writes at least
  bool cold = false;
  bool keep_issues = false;
};

LaunchPrediction predict_launch(const LaunchQuestion&, const Gpu&);

}  // namespace kernelgate::predict

#pragma once
// From a graph to the fastest plan that cuDNN has for it.

#include <cstdint>
#include <memory>

#include "bench/peers/cudnn/cudnn_graph.h"
#include "kernels/op/memory.h"

namespace kernelgate::cudnn {

/// Of all plans that can be had the one that is quickest here, or the first that cuDNN's heuristics of mode A propose:
/// what a framework gets that does not measure.
enum class Choose { quickest, first };

/// A graph that is ready to run: its plan, workspace and pointers.
class Plan {
 public:
  /// Quickest: builds the plans that heuristic modes A, B and fallback propose, times each that needs at most 1 GiB
  /// of workspace, and keeps the best. First: the first of them, in that order, that can be built and run. Either way
  /// only plans that sum in f32. The output is written to on the way.
  ///
  /// Errors  Unsupported, with cuDNN's reason, if none can run.
  Plan(const Device& device, cudnnHandle_t handle, Graph graph, Choose choose);

  void run() const;

 private:
  struct Candidate {
    std::unique_ptr<Descriptor> config, plan, pack;
    std::int64_t workspace_bytes = 0;
  };
  static Candidate build(cudnnHandle_t handle, const Graph& graph, Descriptor config);

  cudnnHandle_t handle_;
  Graph graph_;
  Candidate best_;
  Memory workspace_;
};

}  // namespace kernelgate::cudnn

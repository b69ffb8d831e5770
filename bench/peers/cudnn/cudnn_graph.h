#pragma once
// Our convolution as graphs of cuDNN operations.

#include <cstdint>
#include <optional>
#include <vector>

#include "bench/peers/cudnn/cudnn_api.h"
#include "kernels/conv2d/conv2d.h"

namespace kernelgate::cudnn {

/// The tensors that a graph is given, by the ids that its variant pack names.
enum Uid : std::int64_t { uid_x = 1, uid_w, uid_bias, uid_residual, uid_y, uid_sum, uid_first_virtual = 100 };

/// How the problem is cut into graphs.
enum class Part {
  fused,        ///< convolution, residual, bias and activation in one
  convolution,  ///< x and w to sums in f32
  epilogue,     ///< sums, bias and residual to y
};

/// An operation graph ready for the heuristics. Keeps every descriptor that it refers to.
struct Graph {
  std::vector<Descriptor> parts;  // tensors, convolution and pointwise descriptors
  std::vector<Descriptor> operations;
  std::optional<Descriptor> graph;
  std::vector<std::int64_t> uids;  // of the tensors in memory
  std::vector<void*> pointers;     // in the same order
};

/// `sum` is where the f32 sums are between the two halves, unused by `fused`.
///
/// Errors  Unsupported where cuDNN refuses to describe it.
Graph build_graph(cudnnHandle_t handle, Part part, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers,
                  float* sum);

}  // namespace kernelgate::cudnn

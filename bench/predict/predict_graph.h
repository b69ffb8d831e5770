#pragma once
// How long a case takes that is made of other ops' kernels, as one CUDA graph: the sum of its parts.

#include "bench/predict/predict_case.h"

namespace kernelgate {

/// Each part by itself as predict_case has it, but that a kernel within a graph begins sooner behind the one before it
/// than a launch of its own would; one that overlaps it has what it does before its wait behind it by then. Of the two
/// branches that run side by side the longer one counts. A part without ground is left out and named: the figure is
/// then of the rest.
///
/// Errors  as predict_case.
CasePrediction predict_graph(const AnyProblem&, const AnyProblem::Candidate&, const std::vector<Part>&,
                             const predict::Gpu&, const PredictOptions&);

/// What most of a graph's time is spent on, over all its launches.
struct GraphBound {
  std::string bound;
  double share = 0;
};
GraphBound bound_of(const StatePrediction&);

}  // namespace kernelgate

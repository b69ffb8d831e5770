#pragma once
// Joins what the compiler made of a kernel with what the host executor counts of it: how long a case takes on a GPU.

#include <optional>
#include <string>
#include <vector>

#include "harness/predict/model/gpu.h"
#include "harness/predict/model/launch_model.h"
#include "kernels/op/any_op.h"

namespace kernelgate {

/// One cache state of a case.
struct StatePrediction {
  double seconds = 0;                               ///< a sample's, as `run` takes it: the mean of its launches
  std::vector<predict::LaunchPrediction> launches;  ///< of one execution by itself
};

/// One part of a case that is made of other ops' kernels.
struct PartPrediction {
  std::string name;       ///< "fd2.T"
  std::string case_name;  ///< "conv2d/.../ours"
  std::string no_ground;  ///< why it is not in the sum; empty: it is
  int branch = 0;         ///< Part's
  double cold_s = 0, hot_s = 0;
  std::string bound = {};
};

struct CasePrediction {
  std::string name;       ///< "matmul/f16_nt/256x256x256/sm75_multistage"
  std::string no_ground;  ///< why there is no figure; empty: there is one
  StatePrediction cold, hot;
  bool checked = false;  ///< its counts were compared with the host executor's
  /// Its blocks read what other blocks write: each is followed as if none had written yet.
  bool as_if_none_wrote = false;
  int launches_per_sample = 1;
  double roofline_s = 0;                   ///< what arithmetic or DRAM takes at least
  std::vector<PartPrediction> parts = {};  ///< as one graph; none: it launches its own kernels
};

struct PredictOptions {
  bool check_counts = true;  ///< compare with the host executor, on some blocks
  bool keep_issues = false;
  bool behind_kernel = false;  ///< in a graph, behind one that lets it begin before that has ended
};

/// Errors  HarnessError(wrong): what the machine code does and what the host executor counts are not the same; it says
///         which operation. What the model has no ground for is in `no_ground`.
CasePrediction predict_case(const AnyProblem&, const AnyProblem::Candidate&, const predict::Gpu&,
                            const PredictOptions&);

/// "matmul/sm75_multistage" of a kernel's source file, however its path is written.
std::string kernel_file_label(const std::string& path);

}  // namespace kernelgate

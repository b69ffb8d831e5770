#pragma once
// Where the time of one launch goes, in words and as a timeline.

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "harness/predict/model/launch_model.h"

namespace kernelgate::predict {

/// Its waves, its loops with what a round waits for, what would bound it next, and one steady round of the longest
/// loop, instruction by instruction. The last needs a prediction that kept its issues.
std::string explain(const LaunchPrediction&, const Gpu&);

/// The same launch as a trace that ui.perfetto.dev and chrome://tracing open: a row for each warp of a multiprocessor,
/// a slice for each instruction, with what it waited for. Not more than `most` slices.
nlohmann::json trace(const LaunchPrediction&, const Gpu&, std::size_t most);

}  // namespace kernelgate::predict

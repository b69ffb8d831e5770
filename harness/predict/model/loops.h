#pragma once
// Where the time of a kernel goes, by its loops.

#include "harness/predict/model/launch_model.h"

namespace kernelgate::predict {

/// The loops that the slowest warp went round, the longest first; what lies in no loop is the last one, once round.
std::vector<Loop> loops_of(const SassKernel&, const Replay&);

}  // namespace kernelgate::predict

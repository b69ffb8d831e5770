#pragma once
// Steps and drift of one stretch of nights together: which of the two explains it.

#include <optional>
#include <span>
#include <vector>

#include "harness/history/analysis/drift.h"
#include "harness/history/analysis/steps.h"

namespace kernelgate::history {

struct SegmentFit {
  StepFit steps;
  std::optional<Drift> drift;
};

/// `drift` is the whole stretch's; the alphas are what the correction for the number of stretches lets each use, 0 for
/// none; `further_alpha` is for looking at what is left after the other was found.
SegmentFit fit_segment(std::span<const double> y, const Drift& drift, double step_alpha, double drift_alpha,
                       double further_alpha, double threshold, NullDistribution& null);

/// What the fit leaves of each night.
std::vector<double> residuals_of(const SegmentFit& fit, std::span<const double> y);

}  // namespace kernelgate::history

#pragma once
// Steps and drift of one stretch of nights together: which of the two explains it, or both.
//
// Four explanations compete, and the smallest BIC of what they leave is believed: steps alone; a drift alone; the
// drift, and steps in what it leaves; steps, the drift that they leave, and the steps beside it. What a night remembers
// of the one before is taken off what each leaves by the same correlation, so that none has an advantage by it.
// A drift is one only where the nights between steps really move: by half of what it says, and not to and fro; and
// where several steps take back half of it or more, there was none. A step is one only where the ten nights on both
// sides show it: by a third of its size, and in three of four pairs of them.

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

/// `clearest` and `drift` are the whole stretch's (clearest_step, find_drift); `alpha` is what each look may use.
SegmentFit fit_segment(std::span<const double> y, const StepFit& clearest, const Drift& drift, double alpha,
                       double threshold, NullDistribution& null);

/// Wandering nights, or a drift that is a little off, make levels whose edges nobody sees: takes back the steps that
/// the `reach` nights on both sides don't show, the least seen first. `level` is what was fitted, `y` what was
/// measured.
void take_back_unseen(StepFit& fit, std::span<const double> level, std::span<const double> y, std::size_t reach);

/// What the fit leaves of each night.
std::vector<double> residuals_of(const SegmentFit& fit, std::span<const double> y);

}  // namespace kernelgate::history

#pragma once
// Where the level of a series changed: a fit of constant pieces, each step of which has a probability.

#include <cstddef>
#include <span>
#include <vector>

#include "harness/history/analysis/window_scan.h"

namespace kernelgate::history {

/// One step of a fit.
struct Step {
  std::size_t at = 0;  ///< the first night on the new level
  double change = 0;   ///< of the level before and the one after, in the series' unit (the log of time)
  double p = 1;        ///< of noise showing one as clear anywhere in the stretch that was searched
};

/// Constant pieces: medians of the nights between steps.
struct StepFit {
  std::vector<Step> steps;     ///< by night
  std::vector<double> levels;  ///< one more than steps; none for no nights
  double phi = 0;              ///< the lag-1 correlation of nights that the test reckoned with
  double p = 1;                ///< of a series without any step looking like this one
};

/// The clearest step, or excursion, of the whole series, whatever its p.
StepFit clearest_step(std::span<const double> y, NullDistribution& null);

/// Splits at the clearest window, then splits each piece, as long as p is at most alpha. Steps below the threshold, in
/// the series' unit, are taken back, the smallest first. Of series without a step a share of at most alpha is split,
/// and of pieces without one again at most alpha. `clearest`: clearest_step(y), where that is known.
StepFit fit_steps(std::span<const double> y, double alpha, double threshold, NullDistribution& null,
                  const StepFit* clearest = nullptr);

/// The same fit without one of its steps: of `y` the pieces on both sides are one.
void take_back(StepFit& fit, std::size_t step, std::span<const double> y);

/// The fit's level at each night.
std::vector<double> levels_by_night(const StepFit& fit, std::size_t nights);

}  // namespace kernelgate::history

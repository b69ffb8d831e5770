#include "harness/history/analysis/segment_fit.h"

#include <algorithm>
#include <cmath>

#include "harness/history/analysis/noise.h"

namespace kernelgate::history {
namespace {

/// BIC of a fit with this many parameters; residuals beyond three robust deviations count as three.
double bic(std::span<const double> residuals, double parameters) {
  const auto n = static_cast<double>(residuals.size());
  const double limit = 3 * robust_sd(residuals);
  double squares = 0;
  for (double r : residuals) {
    const double clipped = limit > 0 ? std::clamp(r, -limit, limit) : r;
    squares += clipped * clipped;
  }
  return n * std::log(std::max(squares / n, 1e-30)) + parameters * std::log(n);
}

std::vector<double> without_drift(std::span<const double> y, const Drift& drift) {
  std::vector<double> left(y.begin(), y.end());
  for (std::size_t t = 0; t < left.size(); ++t) left[t] -= drift_at(drift, t);
  return left;
}

bool large(const Drift& drift, double threshold) { return std::fabs(drift.change) >= threshold; }

StepFit no_steps(std::span<const double> y, NullDistribution& null) { return fit_steps(y, 0, 0, null); }

}  // namespace

SegmentFit fit_segment(std::span<const double> y, const Drift& drift, double step_alpha, double drift_alpha,
                       double further_alpha, double threshold, NullDistribution& null) {
  SegmentFit with_steps{step_alpha > 0 ? fit_steps(y, step_alpha, threshold, null) : no_steps(y, null), std::nullopt};
  if (drift_alpha > 0 && drift.p <= drift_alpha && large(drift, threshold)) {
    const std::vector<double> level = without_drift(y, drift);
    SegmentFit with_drift{no_steps(level, null), drift};
    // A step costs its size and its place.
    const auto steps = static_cast<double>(with_steps.steps.steps.size());
    if (bic(residuals_of(with_drift, y), 2) <= bic(residuals_of(with_steps, y), 1 + 2 * steps)) {
      with_drift.steps = fit_steps(level, further_alpha, threshold, null);
      return with_drift;
    }
  }
  if (!with_steps.steps.steps.empty()) {
    const Drift left = find_drift(y, levels_by_night(with_steps.steps, y.size()));
    if (left.p <= further_alpha && large(left, threshold)) {
      // Levels are medians of nights that drift: of what is left without it they are level.
      const std::vector<double> level = without_drift(y, left);
      return {fit_steps(level, std::max(step_alpha, further_alpha), threshold, null), left};
    }
  }
  return with_steps;
}

std::vector<double> residuals_of(const SegmentFit& fit, std::span<const double> y) {
  std::vector<double> left = levels_by_night(fit.steps, y.size());
  for (std::size_t t = 0; t < y.size(); ++t) left[t] = y[t] - left[t] - (fit.drift ? drift_at(*fit.drift, t) : 0);
  return left;
}

}  // namespace kernelgate::history

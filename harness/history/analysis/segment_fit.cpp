#include "harness/history/analysis/segment_fit.h"

#include <algorithm>
#include <cmath>

#include "harness/history/analysis/noise.h"
#include "harness/statistics/statistics.h"

namespace kernelgate::history {
namespace {

/// Nights from which a piece between steps can show that it moves.
constexpr std::size_t shortest_moving_piece = 12;
/// The share of a drift that the pieces between steps must show, and that steps may take back.
constexpr double shown_share = 0.5;
/// Nights on both sides in which a step must be seen, the share of their pairs that must be in its order, and the share
/// of its size by which their medians must differ.
constexpr std::size_t seeing_nights = 10;
constexpr double seen_order = 0.75, seen_share = 1.0 / 3;

/// BIC of what a fit with this many parameters leaves; beyond three robust deviations counts as three.
double bic(const std::vector<double>& residuals, double phi, double parameters) {
  std::vector<double> fresh(residuals);
  for (std::size_t t = 1; t < fresh.size(); ++t) fresh[t] = residuals[t] - phi * residuals[t - 1];
  const auto n = static_cast<double>(fresh.size());
  const double limit = 3 * robust_sd(fresh);
  double squares = 0;
  for (double r : fresh) {
    const double clipped = limit > 0 ? std::clamp(r, -limit, limit) : r;
    squares += clipped * clipped;
  }
  return n * std::log(std::max(squares / n, 1e-30)) + parameters * std::log(n);
}

/// A step costs its size and its place.
double parameters_of(const SegmentFit& fit) {
  return 1 + 2 * static_cast<double>(fit.steps.steps.size()) + (fit.drift ? 1 : 0);
}

/// By how much a piece of nights moves from end to end: of the medians of its first and last thirds, which are two
/// thirds of it apart.
double movement(std::span<const double> piece) {
  const std::size_t third = piece.size() / 3;
  return 1.5 * (median(piece.last(third)) - median(piece.first(third)));
}

/// Whether the nights between steps move as the drift says.
bool is_shown(const SegmentFit& fit, std::span<const double> y) {
  double with = 0, against = 0, taken_back = 0;
  std::size_t first = 0, times = 0;
  const double sign = fit.drift->change > 0 ? 1 : -1;
  for (std::size_t i = 0; i <= fit.steps.steps.size(); ++i) {
    const std::size_t last = i < fit.steps.steps.size() ? fit.steps.steps[i].at : y.size();
    if (last - first >= shortest_moving_piece) {
      const double moved = sign * movement(y.subspan(first, last - first));
      (moved > 0 ? with : against) += std::fabs(moved);
    }
    first = last;
  }
  for (const Step& step : fit.steps.steps)
    if (step.change * sign < 0) {
      taken_back -= step.change * sign;
      ++times;
    }
  const double change = std::fabs(fit.drift->change);
  if (times > 1 && taken_back >= shown_share * change) return false;
  return with - against >= shown_share * change && against <= with / 3;
}

/// Of how many pairs of nights, one of each side of a step, the order is the step's; 0 where their medians differ
/// otherwise than it says.
double order_beside(const StepFit& fit, std::size_t step, std::span<const double> y, std::size_t reach) {
  const auto [at, change, p] = fit.steps[step];
  const std::size_t first = std::max(step > 0 ? fit.steps[step - 1].at : 0, at > reach ? at - reach : 0);
  const std::size_t last = std::min(step + 1 < fit.steps.size() ? fit.steps[step + 1].at : y.size(), at + reach);
  const auto before = y.subspan(first, at - first), after = y.subspan(at, last - at);
  const double sign = change > 0 ? 1 : -1;
  if (sign * (median(after) - median(before)) < seen_share * std::fabs(change)) return 0;
  double in_order = 0;
  for (double a : before)
    for (double b : after) in_order += sign * (b - a) > 0 ? 1 : b == a ? 0.5 : 0;
  return in_order / static_cast<double>(before.size() * after.size());
}

std::vector<double> without_drift(std::span<const double> y, const Drift& drift) {
  std::vector<double> left(y.begin(), y.end());
  for (std::size_t t = 0; t < left.size(); ++t) left[t] -= drift_at(drift, t);
  return left;
}

bool large(const Drift& drift, double threshold) { return std::fabs(drift.change) >= threshold; }

}  // namespace

void take_back_unseen(StepFit& fit, std::span<const double> level, std::span<const double> y, std::size_t reach) {
  while (true) {
    std::size_t worst = fit.steps.size();
    double least = seen_order;
    for (std::size_t i = 0; i < fit.steps.size(); ++i)
      if (const double order = order_beside(fit, i, y, reach); order < least) {
        least = order;
        worst = i;
      }
    if (worst == fit.steps.size()) return;
    take_back(fit, worst, level);
  }
}

SegmentFit fit_segment(std::span<const double> y, const StepFit& clearest, const Drift& drift, double alpha,
                       double threshold, NullDistribution& null) {
  std::vector<SegmentFit> fits;
  fits.push_back({fit_steps(y, alpha, threshold, null, &clearest), std::nullopt});
  take_back_unseen(fits.front().steps, y, y, seeing_nights);
  const auto beside = [&](const Drift& line) {
    // Levels are medians of nights that drift: of what is left without it they are level.
    const std::vector<double> level = without_drift(y, line);
    SegmentFit fit{fit_steps(level, alpha, threshold, null), line};
    take_back_unseen(fit.steps, level, y, seeing_nights);
    if (is_shown(fit, y)) fits.push_back(std::move(fit));
  };
  if (drift.p <= alpha && large(drift, threshold)) {
    SegmentFit alone{fit_steps(without_drift(y, drift), 0, 0, null), drift};
    if (is_shown(alone, y)) fits.push_back(std::move(alone));
    beside(drift);
  }
  if (!fits.front().steps.steps.empty()) {
    const Drift left = find_drift(y, levels_by_night(fits.front().steps, y.size()));
    if (left.p <= alpha && large(left, threshold)) beside(left);
  }
  if (fits.size() == 1) return std::move(fits.front());
  double phi = 1;
  for (const SegmentFit& fit : fits) phi = std::min(phi, std::max(0.0, serial_correlation(residuals_of(fit, y))));
  const auto criterion = [&](const SegmentFit& fit) { return bic(residuals_of(fit, y), phi, parameters_of(fit)); };
  return *std::ranges::min_element(fits, {}, criterion);
}

std::vector<double> residuals_of(const SegmentFit& fit, std::span<const double> y) {
  std::vector<double> left = levels_by_night(fit.steps, y.size());
  for (std::size_t t = 0; t < y.size(); ++t) left[t] = y[t] - left[t] - (fit.drift ? drift_at(*fit.drift, t) : 0);
  return left;
}

}  // namespace kernelgate::history

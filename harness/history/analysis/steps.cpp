#include "harness/history/analysis/steps.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "harness/history/analysis/noise.h"
#include "harness/statistics/statistics.h"

namespace kernelgate::history {
namespace {

/// The night of a step -> its p.
using Cuts = std::map<std::size_t, double>;

// Most of alpha is for steps that last: they are what is looked for, and excursions are ten times as many.
constexpr double share_of_steps = 0.9;

void describe(StepFit& fit, const Cuts& cuts, std::span<const double> y) {
  fit.steps.clear();
  fit.levels.clear();
  std::size_t first = 0;
  for (const auto& [at, p] : cuts) {
    fit.levels.push_back(median(y.subspan(first, at - first)));
    fit.steps.push_back({at, 0, p});
    first = at;
  }
  fit.levels.push_back(median(y.subspan(first)));
  for (std::size_t i = 0; i < fit.steps.size(); ++i) fit.steps[i].change = fit.levels[i + 1] - fit.levels[i];
}

std::vector<double> residuals_of(std::span<const double> y, const Cuts& cuts) {
  StepFit fit;
  describe(fit, cuts, y);
  std::vector<double> left = levels_by_night(fit, y.size());
  for (std::size_t t = 0; t < y.size(); ++t) left[t] = y[t] - left[t];
  return left;
}

/// The clearest window of a stretch, and its p.
struct Clearest {
  Window window;
  double p = 1;
};

double absolute_deviations(std::span<const double> y) {
  const double middle = median(y);
  double sum = 0;
  for (double value : y) sum += std::fabs(value - middle);
  return sum;
}

/// Ranks tell that there is a step; the values tell best where: what leaves the smallest absolute deviations from the
/// medians of both sides, not far from where ranks say.
std::size_t best_place(std::span<const double> y, std::size_t at, std::size_t reach) {
  std::size_t best = at;
  double least = std::numeric_limits<double>::infinity();
  const std::size_t from = at > reach + shortest_level ? at - reach : shortest_level;
  for (std::size_t place = from; place <= at + reach && place + shortest_level <= y.size(); ++place) {
    const double left = absolute_deviations(y.first(place)) + absolute_deviations(y.subspan(place));
    if (left < least) {
      least = left;
      best = place;
    }
  }
  return best;
}

Window with_best_ends(std::span<const double> y, Window window) {
  const std::size_t reach = std::max<std::size_t>(10, (window.last - window.first) / 4);
  if (window.first == 0) {
    window.last = best_place(y, window.last, reach);
    return window;
  }
  for (int round = 0; round < 2; ++round) {
    window.first = best_place(y.first(window.last), window.first, reach);
    window.last = window.first + best_place(y.subspan(window.first), window.last - window.first, reach);
  }
  return window;
}

Clearest clearest_window(std::span<const double> y, double phi, NullDistribution& null) {
  const std::vector<double> scores = normal_scores(innovations(y, phi));
  const Scan found = scan_windows(scores);
  const double step_p = null.step_p(found.step.z, y.size()) / share_of_steps;
  const double excursion_p = null.excursion_p(found.excursion.z, y.size()) / (1 - share_of_steps);
  if (excursion_p < step_p) return {found.excursion, std::min(1.0, excursion_p)};
  return {found.step, std::min(1.0, step_p)};
}

Cuts cuts_of(const Clearest& found, std::size_t offset, std::size_t nights) {
  Cuts cuts;
  if (found.window.first > 0) cuts[offset + found.window.first] = found.p;
  if (found.window.last > 0 && found.window.last < nights) cuts[offset + found.window.last] = found.p;
  return cuts;
}

/// The nights' correlation about the clearest window, which depends on the correlation: a few rounds settle it.
double correlation_about_window(std::span<const double> y, NullDistribution& null) {
  double phi = 0;
  for (int round = 0; round < 3; ++round) {
    const Cuts cuts = cuts_of(clearest_window(y, phi, null), 0, y.size());
    phi = lag1_correlation(residuals_of(y, cuts), static_cast<int>(cuts.size()) + 1);
  }
  return phi;
}

void split(std::span<const double> y, std::size_t offset, double phi, double alpha, NullDistribution& null,
           Cuts& cuts) {
  if (alpha <= 0 || y.size() < 2 * shortest_level) return;
  Clearest found = clearest_window(y, phi, null);
  if (found.p > alpha || found.window.last == 0) return;
  found.window = with_best_ends(y, found.window);
  Cuts here = cuts_of(found, offset, y.size());
  cuts.merge(here);
  const auto [first, last, z] = found.window;
  split(y.first(first), offset, phi, alpha, null, cuts);
  split(y.subspan(first, last - first), offset + first, phi, alpha, null, cuts);
  split(y.subspan(last), offset + last, phi, alpha, null, cuts);
}

void take_back_small_steps(StepFit& fit, Cuts& cuts, std::span<const double> y, double threshold) {
  for (describe(fit, cuts, y); !fit.steps.empty(); describe(fit, cuts, y)) {
    const auto smallest =
        std::ranges::min_element(fit.steps, {}, [](const Step& step) { return std::fabs(step.change); });
    if (std::fabs(smallest->change) >= threshold) return;
    cuts.erase(smallest->at);
  }
}

}  // namespace

StepFit clearest_step(std::span<const double> y, NullDistribution& null) {
  StepFit fit;
  if (y.empty()) return fit;
  Cuts cuts;
  if (y.size() >= 2 * shortest_level) {
    fit.phi = correlation_about_window(y, null);
    Clearest found = clearest_window(y, fit.phi, null);
    fit.p = found.p;
    if (found.window.last > 0) found.window = with_best_ends(y, found.window);
    cuts = cuts_of(found, 0, y.size());
  }
  describe(fit, cuts, y);
  return fit;
}

StepFit fit_steps(std::span<const double> y, double alpha, double threshold, NullDistribution& null) {
  StepFit fit = clearest_step(y, null);
  if (y.empty()) return fit;
  Cuts cuts;
  split(y, 0, fit.phi, alpha, null, cuts);
  take_back_small_steps(fit, cuts, y, threshold);
  return fit;
}

std::vector<double> levels_by_night(const StepFit& fit, std::size_t nights) {
  std::vector<double> levels(nights, fit.levels.empty() ? 0 : fit.levels.front());
  for (std::size_t i = 0; i < fit.steps.size(); ++i)
    std::fill(levels.begin() + static_cast<std::ptrdiff_t>(fit.steps[i].at), levels.end(), fit.levels[i + 1]);
  return levels;
}

}  // namespace kernelgate::history

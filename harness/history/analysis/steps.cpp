#include "harness/history/analysis/steps.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <queue>
#include <ranges>

#include "harness/history/analysis/noise.h"
#include "harness/statistics/statistics.h"

namespace kernelgate::history {
namespace {

/// The night of a step -> its p.
using Cuts = std::map<std::size_t, double>;

// Most of alpha is for steps that last: they are what is looked for, and excursions are ten times as many.
constexpr double share_of_steps = 0.9;

// Steps that count as such when the correlation of the nights is estimated. Chosen by simulation, with the caution of
// noise.cpp: more of them, and a wandering series looks like levels without memory.
constexpr double taken_out_alpha = 1e-3;
// Neighbours' distances tell the correlation whatever steps there are, if less surely: the estimate is at most this
// many standard deviations above theirs.
constexpr double above_differences = 1;

// So few nights that no order of them is seldom enough for a whole suite get a step nevertheless, if it is this many of
// their deviations high: it is then in doubt by the order of the nights alone.
constexpr double obvious_alpha = 5e-4, obvious_deviations = 4;
constexpr std::size_t shortest_obvious_level = 5, obvious_reach = 15;

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

/// Of the first 0, 1, 2 ... values, the sum of their absolute deviations from their median: the upper half's sum minus
/// the lower half's.
template <typename Values>
std::vector<double> deviations_of_firsts(const Values& values, double about) {
  std::priority_queue<double> low;
  std::priority_queue<double, std::vector<double>, std::greater<>> high;
  double low_sum = 0, high_sum = 0;
  std::vector<double> deviations{0};
  for (double value : values) {
    const double y = value - about;
    low.push(y);
    high.push(low.top());
    low_sum += y - low.top();
    high_sum += low.top();
    low.pop();
    if (high.size() > low.size()) {
      low.push(high.top());
      low_sum += high.top();
      high_sum -= high.top();
      high.pop();
    }
    deviations.push_back(high_sum - low_sum + (low.size() > high.size() ? low.top() : 0));
  }
  return deviations;
}

/// Ranks tell that there is a step; the values tell best where: what leaves the smallest absolute deviations from the
/// medians of both sides, not far from where ranks say.
std::size_t best_place(std::span<const double> y, std::size_t at, std::size_t reach) {
  // Sums of the same values by two ways differ in their last digits; the first of equal places is taken.
  constexpr double rounding = 1e-11;
  const std::vector<double> before = deviations_of_firsts(y, y.front());
  const std::vector<double> after = deviations_of_firsts(std::views::reverse(y), y.front());
  std::size_t best = at;
  double least = std::numeric_limits<double>::infinity();
  const std::size_t from = at > reach + shortest_level ? at - reach : shortest_level;
  for (std::size_t place = from; place <= at + reach && place + shortest_level <= y.size(); ++place) {
    const double left = before[place] + after[y.size() - place];
    if (left < least - rounding) {
      least = left;
      best = place;
    }
  }
  return best;
}

Window with_best_ends(std::span<const double> y, Window window) {
  const std::size_t reach = std::clamp<std::size_t>((window.last - window.first) / 4, 10, 30);
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

/// Whether the nights nearest to a place, between two others, differ on its sides by so much more than they scatter
/// that nothing but their order is left to doubt.
bool is_obvious_at(std::span<const double> y, std::size_t first, std::size_t at, std::size_t last) {
  first = std::max(first, at > obvious_reach ? at - obvious_reach : 0);
  last = std::min(last, at + obvious_reach);
  if (std::min(at - first, last - at) < shortest_obvious_level) return false;
  const double before = median(y.subspan(first, at - first)), after = median(y.subspan(at, last - at));
  std::vector<double> left;
  for (std::size_t t = first; t < last; ++t) left.push_back(y[t] - (t < at ? before : after));
  return before != after && std::fabs(after - before) >= obvious_deviations * robust_sd(left);
}

/// At each of its ends.
bool is_obvious(std::span<const double> y, const Window& window) {
  return (window.first == 0 || is_obvious_at(y, 0, window.first, window.last)) &&
         (window.last == y.size() || is_obvious_at(y, window.first, window.last, y.size()));
}

void split(std::span<const double> y, std::size_t offset, double phi, double alpha, NullDistribution& null,
           Cuts& cuts) {
  if (alpha <= 0 || y.size() < 2 * shortest_level) return;
  Clearest found = clearest_window(y, phi, null);
  if (found.p > std::max(alpha, obvious_alpha) || found.window.last == 0) return;
  found.window = with_best_ends(y, found.window);
  if (found.p > alpha && !is_obvious(y, found.window)) return;
  Cuts here = cuts_of(found, offset, y.size());
  cuts.merge(here);
  const auto [first, last, z] = found.window;
  split(y.first(first), offset, phi, alpha, null, cuts);
  split(y.subspan(first, last - first), offset + first, phi, alpha, null, cuts);
  split(y.subspan(last), offset + last, phi, alpha, null, cuts);
}

/// The nights' correlation with all steps taken out, those too that are hardly any: what is left of a step poses as
/// memory. Which steps there are depends on it: it begins at none, and rounds settle it.
double correlation_without_steps(std::span<const double> y, NullDistribution& null) {
  double phi = 0;
  for (int round = 0; round < 6; ++round) {
    Cuts cuts;
    split(y, 0, phi, taken_out_alpha, null, cuts);
    const std::vector<double> left = residuals_of(y, cuts);
    const double most =
        std::max(0.0, correlation_of_differences(left)) + above_differences * correlation_error(y.size());
    const double next = std::min(most, lag1_correlation(left, static_cast<int>(cuts.size()) + 1));
    if (std::fabs(next - phi) < 0.01) break;
    phi = next;
  }
  return phi;
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
    fit.phi = correlation_without_steps(y, null);
    Clearest found = clearest_window(y, fit.phi, null);
    fit.p = found.p;
    if (found.window.last > 0) found.window = with_best_ends(y, found.window);
    cuts = cuts_of(found, 0, y.size());
  }
  describe(fit, cuts, y);
  return fit;
}

StepFit fit_steps(std::span<const double> y, double alpha, double threshold, NullDistribution& null,
                  const StepFit* clearest) {
  StepFit fit;
  if (y.empty()) return fit;
  Cuts cuts;
  if (alpha > 0) fit = clearest != nullptr ? *clearest : clearest_step(y, null);
  split(y, 0, fit.phi, alpha, null, cuts);
  take_back_small_steps(fit, cuts, y, threshold);
  return fit;
}

void take_back(StepFit& fit, std::size_t step, std::span<const double> y) {
  const std::size_t first = step > 0 ? fit.steps[step - 1].at : 0;
  const std::size_t last = step + 1 < fit.steps.size() ? fit.steps[step + 1].at : y.size();
  fit.steps.erase(fit.steps.begin() + static_cast<std::ptrdiff_t>(step));
  fit.levels.erase(fit.levels.begin() + static_cast<std::ptrdiff_t>(step));
  fit.levels[step] = median(y.subspan(first, last - first));
  for (std::size_t i = 0; i < fit.steps.size(); ++i) fit.steps[i].change = fit.levels[i + 1] - fit.levels[i];
}

std::vector<double> levels_by_night(const StepFit& fit, std::size_t nights) {
  std::vector<double> levels(nights, fit.levels.empty() ? 0 : fit.levels.front());
  for (std::size_t i = 0; i < fit.steps.size(); ++i)
    std::fill(levels.begin() + static_cast<std::ptrdiff_t>(fit.steps[i].at), levels.end(), fit.levels[i + 1]);
  return levels;
}

}  // namespace kernelgate::history

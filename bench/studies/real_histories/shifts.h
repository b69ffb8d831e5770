#pragma once
// What anyone would call a shift, and whether the data show what a tool reports: judged by order and medians alone, so
// that no rule of ours is its own judge.

#include <cstddef>
#include <span>
#include <vector>

namespace kernelgate::real_histories {

/// The share of pairs, one of each side, in which the second is larger; ties are half.
double auc(std::span<const double> before, std::span<const double> after);

/// Units  the series': logarithms of seconds.
struct Shift {
  std::size_t at = 0;  ///< the first value on the new level
  double change = 0;
};

/// How much a shift must be, besides 5 values or more each side.
struct Clearness {
  double least = 0.04879;  ///< of the medians' distance: log 1.05
  double deviations = 6;   ///< the same, in median absolute deviations
  double order = 0.99;     ///< AUC
  std::size_t reach = 15;  ///< values each side that are looked at
};
inline constexpr Clearness obvious{};
/// What may be a step, so that nothing near it is known not to be: for long; and for a few runs.
inline constexpr Clearness perhaps{0.01, 3, 0.85}, perhaps_for_short{0.01, 6, 0.99, 5};

/// All places that are so. A step of much more than is asked for has several, and so has a drift.
std::vector<Shift> places_of_shifts(std::span<const double> y, const Clearness& clearness);

/// Of neighbouring places the clearest, which stands for all.
std::vector<Shift> shifts_in(std::span<const double> y, const Clearness& clearness);

/// Whether the values on both sides of a place, up to the next steps, differ as was said.
bool has_support(std::span<const double> y, std::size_t from, std::size_t at, std::size_t to, double change);

}  // namespace kernelgate::real_histories

#pragma once
// Slow drift, too slow for any night to show: against an anchor that never moves.

#include <cstddef>
#include <span>

namespace kernelgate::history {

/// The anchor: the first nights of a series, as many as a baseline needs before it may judge alone. It never rolls on:
/// a baseline that follows the series would follow the drift too.
inline constexpr std::size_t anchor_nights = 14;

/// Fewer nights than the anchor's twice say nothing of a drift.
inline constexpr std::size_t fewest_drift_nights = 2 * anchor_nights;

/// A straight line from the anchor's level, in the series' unit (the log of time).
struct Drift {
  double p = 1;          ///< of a series without drift looking like this one, two-sided
  double per_night = 0;  ///< slope after the anchor
  double change = 0;     ///< of the last night over the anchor
  double phi = 0;        ///< the lag-1 correlation of nights that the test reckoned with
};

/// `levels` are those of a fit of steps, by night: what they explain is no drift. Empty: no steps. The test is the
/// correlation of the innovations' normal scores with the nights after the anchor, within pieces between steps.
Drift find_drift(std::span<const double> y, std::span<const double> levels);

/// The drift's line at night t, over the anchor's level: 0 within the anchor.
double drift_at(const Drift& drift, std::size_t night);

}  // namespace kernelgate::history

#pragma once
// Where the runs of one side lie, how they spread, and what that is worth: one way for devices whose noise
// goes both ways, one for devices that neighbours only ever slow down.

#include <span>

#include "harness/sides/side.h"

namespace kernelgate {

/// symmetric: the median over runs of the runs' medians.
/// one_sided: the undisturbed time: the lower quartile over runs of the runs' lower quartiles. On a shared
///            CPU, runs of the same thing agree to 0.5 % but for one in four, which a neighbour slows by 10 %
///            to 100 %; a median of five is then wrong every tenth time, and the variance always.
enum class Noise { symmetric, one_sided };

/// A run's value, as a logarithm.
double run_value(const RunSummary& run, Noise noise);

/// Of a side's run values. Errors  std::invalid_argument without runs.
double location(std::span<const RunSummary> runs, Noise noise);

/// The best run's value: what no neighbour spoiled.
double best(std::span<const RunSummary> runs, Noise noise);

/// What a side's runs say of how one run varies: an estimate of variance times its degrees of freedom.
struct Spread {
  double squares = 0;
  double df = 0;
};

/// one_sided looks only at the runs up to the median: (median - lower quartile) over its expectation for
/// normal values, with half the degrees of freedom.
Spread spread(std::span<const RunSummary> runs, Noise noise);

/// Standard deviation of `location` of n normal values relative to their mean's.
double location_price(std::size_t n, Noise noise);

/// Of the difference of two sides' locations, of units that vary by `sd`.
double standard_error(double sd, std::size_t base_units, std::size_t new_units, Noise noise);

}  // namespace kernelgate

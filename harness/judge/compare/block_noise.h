#pragma once
// How so many nights in a row vary about their level: what as many new processes are held against.

#include <cstddef>
#include <span>

#include "harness/statistics/squeezed_variances.h"

namespace kernelgate {

/// How far any block was off its level: below it, which is not positive, and above.
struct Reach {
  double lowest = 0, highest = 0;

  /// The way of a change; not negative.
  double towards(double change) const { return change > 0 ? highest : -lowest; }
};

/// Units  the residuals': logarithms of seconds.
struct BlockNoise {
  SampleVariance variance;  ///< of medians that share no night
  Reach medians;            ///< of any median, also of those that share nights
  Reach all;                ///< of what all nights of a block were off
  double latest = 0;        ///< the median of the last nights
};

/// Of a case's nights by time about their levels; NaN: not measured that night. Where there are too few for medians of
/// `length` of them, the variance is that of single nights.
///
/// Shapes  residuals: one a night.
BlockNoise noise_of_blocks(std::span<const double> residuals, std::size_t length);

}  // namespace kernelgate

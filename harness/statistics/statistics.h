#pragma once
// Order statistics of samples.

#include <span>
#include <vector>

namespace kernelgate {

/// Of one set of samples, in their unit. Quantiles interpolate linearly between order statistics
/// (type 7, as numpy does by default).
struct Summary {
  std::size_t count = 0;
  double min = 0, p5 = 0, q1 = 0, median = 0, q3 = 0, p95 = 0, p99 = 0, max = 0;
  double mean = 0;
  double stddev = 0;  ///< with n - 1; 0 for one sample
};

/// Throws std::invalid_argument when empty or not finite.
Summary summarize(std::span<const double> samples);

double median(std::span<const double> samples);

}  // namespace kernelgate

#pragma once
// How far a rate is known that so many of so many show.

namespace kernelgate {

struct RateInterval {
  double low = 0, high = 1;
};

/// The exact two-sided interval of a binomial rate. Of none it is 0 to 1.
///
/// Errors  std::invalid_argument: more hits than tries, a negative count, or a confidence outside (0, 1).
/// Source  Clopper and Pearson, Biometrika 26 (1934).
RateInterval clopper_pearson(long long hits, long long tries, double confidence = 0.95);

}  // namespace kernelgate

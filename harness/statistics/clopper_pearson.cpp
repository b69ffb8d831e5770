#include "harness/statistics/clopper_pearson.h"

#include <stdexcept>

#include <boost/math/distributions/beta.hpp>

namespace kernelgate {

RateInterval clopper_pearson(long long hits, long long tries, double confidence) {
  if (hits < 0 || hits > tries) throw std::invalid_argument("a rate needs at least as many tries as hits");
  if (!(confidence > 0 && confidence < 1)) throw std::invalid_argument("a confidence is between 0 and 1");
  const double tail = (1 - confidence) / 2;
  const auto k = static_cast<double>(hits), n = static_cast<double>(tries);
  RateInterval interval;
  if (hits > 0) interval.low = quantile(boost::math::beta_distribution<>(k, n - k + 1), tail);
  if (hits < tries) interval.high = quantile(complement(boost::math::beta_distribution<>(k + 1, n - k), tail));
  return interval;
}

}  // namespace kernelgate

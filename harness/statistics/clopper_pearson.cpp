#include "harness/statistics/clopper_pearson.h"

#include <stdexcept>

#include "harness/statistics/distributions.h"

namespace kernelgate {

RateInterval clopper_pearson(long long hits, long long tries, double confidence) {
  if (hits < 0 || hits > tries) throw std::invalid_argument("a rate needs at least as many tries as hits");
  if (!(confidence > 0 && confidence < 1)) throw std::invalid_argument("a confidence is between 0 and 1");
  const double tail = (1 - confidence) / 2;
  const auto k = static_cast<double>(hits), n = static_cast<double>(tries);
  RateInterval interval;
  if (hits > 0) interval.low = beta_quantile(tail, k, n - k + 1);
  if (hits < tries) interval.high = beta_upper_quantile(tail, k + 1, n - k);
  return interval;
}

}  // namespace kernelgate

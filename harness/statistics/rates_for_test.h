#pragma once
// Tests of rates: how many trials, and how many hits of them are too many or too few.
//
// Each has a quick form, that always runs, and a thorough one, for KERNELGATE_THOROUGH=1: with the trials that the
// documented figures are of. Fewer trials tell less, so the quick limits are wider, by the binomial.

#include <cstdlib>
#include <string_view>

#include "harness/statistics/distributions.h"

namespace kernelgate::for_test {

inline bool thorough() {
  const char* wanted = std::getenv("KERNELGATE_THOROUGH");
  return wanted != nullptr && std::string_view(wanted) == "1";
}

/// How many trials of a test that has `all` when it is thorough.
inline int trials(int all, int quick) { return thorough() ? all : quick; }

/// More hits than these come in one test of a thousand, if the true rate is `rate`. Exact.
inline int most_hits(int trials, double rate) {
  constexpr double once_in = 1e-3;
  int hits = 0;
  while (hits < trials && binomial_upper_tail(hits, trials, rate) > once_in) ++hits;
  return hits;
}

/// Fewer hits than these come in one test of a thousand, if the true rate is `rate`.
inline int least_hits(int trials, double rate) { return trials - most_hits(trials, 1 - rate); }

}  // namespace kernelgate::for_test

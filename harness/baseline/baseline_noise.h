#pragma once
// What a baseline says of its own noise: how small a slowdown a night can be found to have, and whether to trust it.

#include <optional>
#include <string>
#include <vector>

#include "harness/baseline/baseline.h"

namespace kernelgate {

/// By the spread of one run of one night, run and night together. The noise models of docs/verdicts.md: quiet 0.28 %,
/// typical 0.71 %, noisy 1.8 %; the limits are the geometric means between them.
enum class NoiseGrade { unknown, quiet, typical, noisy };
inline constexpr double quiet_below = 0.0045, noisy_from = 0.0113;

const char* to_string(NoiseGrade grade);  // "quiet", ...

/// Of one case.
///
/// Units  `detectable`: a log ratio.
struct CaseNoise {
  VarianceComponents spread;  ///< own and carried
  NoiseGrade grade = NoiseGrade::unknown;
  double detectable = 0;       ///< the slowdown that a night of the usual size is found to have, 9 times in 10
  bool declared = false;       ///< worked out of what is declared of the device: no night's spread is known
  std::optional<double> lag1;  ///< autocorrelation of the night means; from fewer than 5 nights nothing
  std::string warning;         ///< one line: the nights differ far more than the runs; empty: not so
};

/// Shapes  one a case, in their order. A night has as many runs as its nights had on average.
std::vector<CaseNoise> noise_of(const Baseline& baseline);

/// Of a series: how much of one value's distance from the mean the next one has. Nothing for fewer than 5, or for all
/// the same.
std::optional<double> lag1_autocorrelation(const std::vector<double>& series);

/// How far the window has moved from the anchor, in the medians of their nights: what slow drift adds up to, and what
/// was accepted since. Units  a log ratio, above 0 is slower.
double since_anchor(const BaselineCase& one);

/// The mean of the logs of the medians of each night's runs, oldest night first.
std::vector<double> night_means(const std::vector<RunSummary>& runs);

}  // namespace kernelgate

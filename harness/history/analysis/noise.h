#pragma once
// The noise of a series of nights: how much a night remembers of the one before, and what is left without that.

#include <span>
#include <vector>

namespace kernelgate::history {

/// The lag-1 correlation of residuals as they are. Residuals beyond three robust deviations count as three.
double serial_correlation(std::span<const double> residuals);

/// The lag-1 correlation of residuals of a fit with `levels` free levels, as a change-point test should take it: not
/// below 0, and on the high side of its own error, because too little lets wandering noise pass for a step.
double lag1_correlation(std::span<const double> residuals, int levels);

/// The lag-1 correlation by how much more nights differ that are three apart than neighbours do, without any level: of
/// AR(1), variances of differences are as 1 - phi^k. Differences beyond two robust deviations count as two. It is on no
/// side of its error, which `correlation_error` is about.
double correlation_of_differences(std::span<const double> y);

/// The standard deviation of correlation_of_differences().
double correlation_error(std::size_t nights);

/// y without what each night remembers of the one before: r_t - phi r_{t-1} about the median; the first is scaled to
/// the spread of the others.
std::vector<double> innovations(std::span<const double> y, double phi);

/// Each value's rank as a quantile of the normal distribution (van der Waerden's scores), with mean 0 and mean square
/// 1; equal values share their score. All zero where all values are equal. Ranks make what is built on them independent
/// of the noise's distribution: one wild night is only ever the first of n.
std::vector<double> normal_scores(std::span<const double> values);

/// 1.4826 times the median absolute deviation from the median: the standard deviation of normal noise.
double robust_sd(std::span<const double> values);

}  // namespace kernelgate::history

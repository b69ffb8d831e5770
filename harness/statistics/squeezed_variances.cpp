#include "harness/statistics/squeezed_variances.h"

#include <algorithm>
#include <cmath>

#include "harness/statistics/distributions.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

constexpr std::size_t fewest_cases = 3;
/// A case that shows no spread at all has a coarse timer, and not a logarithm: it counts as this share of the middle.
constexpr double least_share = 1e-4;

double inverse_trigamma(double y) {
  if (y > 1e7) return 1 / std::sqrt(y);
  double x = 0.5 + 1 / y;
  for (int round = 0; round < 50; ++round) {
    const double t = trigamma(x), step = t * (1 - t / y) / tetragamma(x);
    x += step;
    if (-step / x < 1e-8) break;
  }
  return x;
}

/// s0^2 and d0. df 0: the cases lend nothing.
SampleVariance common_prior(std::span<const SampleVariance> own, double most_df) {
  std::vector<double> known;
  for (const SampleVariance& one : own)
    if (one.df > 0) known.push_back(one.variance);
  if (known.size() < fewest_cases) return {};
  const double least = least_share * median(known);
  if (!(least > 0)) return {};
  // e = log s^2 - digamma(d/2) + log(d/2) has the mean log s0^2 - digamma(d0/2) + log(d0/2), and the variance
  // trigamma(d/2) + trigamma(d0/2).
  double mean = 0, trigammas = 0;
  std::vector<double> e;
  for (const SampleVariance& one : own) {
    if (!(one.df > 0)) continue;
    const double half = one.df / 2;
    e.push_back(std::log(std::max(one.variance, least)) - digamma(half) + std::log(half));
    mean += e.back() / static_cast<double>(known.size());
    trigammas += trigamma(half) / static_cast<double>(known.size());
  }
  double squares = 0;
  for (double value : e) squares += (value - mean) * (value - mean);
  const double beyond = squares / static_cast<double>(e.size() - 1) - trigammas;
  const double d0 = beyond > 0 ? std::min(2 * inverse_trigamma(beyond), most_df) : most_df;
  return {std::exp(mean + digamma(d0 / 2) - std::log(d0 / 2)), d0};
}

}  // namespace

std::vector<SampleVariance> squeezed_variances(std::span<const SampleVariance> own, double most_df) {
  const SampleVariance prior = common_prior(own, most_df);
  std::vector<SampleVariance> squeezed;
  for (const SampleVariance& one : own) {
    const double df = prior.df + one.df;
    squeezed.push_back({df > 0 ? (prior.df * prior.variance + one.df * one.variance) / df : 0, df});
  }
  return squeezed;
}

}  // namespace kernelgate

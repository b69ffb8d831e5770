#include "harness/statistics/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace kernelgate {
namespace {

void require_finite(std::span<const double> samples) {
  if (samples.empty()) throw std::invalid_argument("statistics of no samples");
  if (!std::ranges::all_of(samples, [](double x) { return std::isfinite(x); }))
    throw std::invalid_argument("statistics of a sample that is not a finite number");
}

std::vector<double> sorted_finite(std::span<const double> samples) {
  require_finite(samples);
  std::vector<double> sorted(samples.begin(), samples.end());
  std::ranges::sort(sorted);
  return sorted;
}

double quantile(const std::vector<double>& sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const auto above = std::min(below + 1, sorted.size() - 1);
  // Written as a step from below, so that equal neighbours give their value exactly.
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

Summary summarize(std::span<const double> samples) {
  const std::vector<double> sorted = sorted_finite(samples);
  const auto n = static_cast<double>(sorted.size());
  Summary s;
  s.count = sorted.size();
  s.min = sorted.front();
  s.p5 = quantile(sorted, 0.05);
  s.q1 = quantile(sorted, 0.25);
  s.median = quantile(sorted, 0.5);
  s.q3 = quantile(sorted, 0.75);
  s.p95 = quantile(sorted, 0.95);
  s.p99 = quantile(sorted, 0.99);
  s.max = sorted.back();
  s.mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / n;
  double squares = 0;
  for (double x : sorted) squares += (x - s.mean) * (x - s.mean);
  s.stddev = s.count > 1 ? std::sqrt(squares / (n - 1)) : 0;
  if (const double widest = std::max(s.max - s.mean, s.mean - s.min);
      !std::isfinite(s.stddev) && std::isfinite(widest)) {
    squares = 0;  // their squares are beyond what a double holds
    for (double x : sorted) squares += std::pow((x - s.mean) / widest, 2);
    s.stddev = widest * std::sqrt(squares / (n - 1));
  }
  return s;
}

double median(std::span<const double> samples) {
  require_finite(samples);
  // Asked for at each place of each series: half of the order is enough.
  std::vector<double> values(samples.begin(), samples.end());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  const double below = *std::max_element(values.begin(), middle);
  return below + 0.5 * (*middle - below);
}

}  // namespace kernelgate

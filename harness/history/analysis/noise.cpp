#include "harness/history/analysis/noise.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/statistics/distributions.h"
#include "harness/statistics/statistics.h"

namespace kernelgate::history {
namespace {

// Beyond this no series of a few hundred nights tells memory from wandering.
constexpr double most_correlation = 0.95;

// Taken on top of the estimate, over the number of nights, but no more than a third. Chosen by simulation
// (docs/history.md): with none, 3 to 5 % of short series with a correlation of 0.5 show a false step, instead of 1 %.
constexpr double caution = 10, most_caution = 1.0 / 3;

}  // namespace

double serial_correlation(std::span<const double> residuals) {
  const double limit = 3 * robust_sd(residuals);
  double squares = 0, products = 0, before = 0;
  for (std::size_t t = 0; t < residuals.size(); ++t) {
    const double r = limit > 0 ? std::clamp(residuals[t], -limit, limit) : residuals[t];
    squares += r * r;
    if (t > 0) products += r * before;
    before = r;
  }
  return squares > 0 ? products / squares : 0;
}

double lag1_correlation(std::span<const double> residuals, int levels) {
  const auto n = static_cast<double>(residuals.size());
  if (n < 4 || std::ranges::all_of(residuals, [](double r) { return r == 0; })) return 0;
  const double raw = serial_correlation(residuals);
  // The estimate is low by about (1 + 3 phi) / n for a fitted mean (Kendall 1954), and as much again for each level
  // more.
  const double bias = levels * (1 + 3 * std::max(raw, 0.0)) / n;
  return std::clamp(raw + bias + std::min(caution / n, most_caution), 0.0, most_correlation);
}

double correlation_of_differences(std::span<const double> y) {
  if (y.size() < 8) return 0;
  const auto clipped_square = [&](std::size_t apart) {
    std::vector<double> distances;
    distances.reserve(y.size() - apart);
    for (std::size_t t = apart; t < y.size(); ++t) distances.push_back(std::fabs(y[t] - y[t - apart]));
    const double limit = 2 * 1.4826 * median(distances);
    double squares = 0;
    for (double d : distances) squares += limit > 0 ? std::min(d, limit) * std::min(d, limit) : d * d;
    return squares / static_cast<double>(distances.size());
  };
  const double near = clipped_square(1);
  if (!(near > 0)) return 0;
  // (1 - phi^3) / (1 - phi) = 1 + phi + phi^2.
  return std::sqrt(std::max(clipped_square(3) / near - 0.75, 0.0)) - 0.5;
}

double correlation_error(std::size_t nights) { return 1.75 / std::sqrt(static_cast<double>(nights)); }

std::vector<double> innovations(std::span<const double> y, double phi) {
  std::vector<double> left;
  left.reserve(y.size());
  const double middle = y.empty() ? 0 : median(y);
  double before = 0;
  for (double value : y) {
    const double r = value - middle;
    left.push_back(left.empty() ? std::sqrt(1 - phi * phi) * r : r - phi * before);
    before = r;
  }
  return left;
}

std::vector<double> normal_scores(std::span<const double> values) {
  const std::size_t n = values.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> scores(n);
  double squares = 0;
  for (std::size_t first = 0; first < n;) {
    std::size_t last = first;
    while (last + 1 < n && values[order[last + 1]] == values[order[first]]) ++last;
    const double rank = 0.5 * static_cast<double>(first + last) + 1;
    const double score = normal_quantile(rank / static_cast<double>(n + 1));
    for (std::size_t i = first; i <= last; ++i) scores[order[i]] = score;
    squares += static_cast<double>(last - first + 1) * score * score;
    first = last + 1;
  }
  const double mean =
      std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(std::max<std::size_t>(n, 1));
  squares -= static_cast<double>(n) * mean * mean;
  const double scale = squares > 1e-12 ? std::sqrt(static_cast<double>(n) / squares) : 0;
  for (double& score : scores) score = (score - mean) * scale;
  return scores;
}

double robust_sd(std::span<const double> values) {
  if (values.empty()) return 0;
  const double middle = median(values);
  std::vector<double> distances;
  distances.reserve(values.size());
  for (double value : values) distances.push_back(std::fabs(value - middle));
  return 1.4826 * median(distances);
}

}  // namespace kernelgate::history

#include "harness/judge/compare/run_location.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

using Runs = std::span<const RunSummary>;

std::vector<double> values(Runs runs, Noise noise) {
  if (runs.empty()) throw std::invalid_argument("a comparison needs a run on each side");
  std::vector<double> y;
  for (const RunSummary& run : runs) y.push_back(run_value(run, noise));
  return y;
}

/// Expected median minus lower quartile of n normal values, in standard deviations. By simulation, 400,000
/// samples of each size; the limit is the normal distribution's own quartile.
double expected_gap(std::size_t n) {
  static constexpr std::array known{0.0, 0.0, 0.2821, 0.4237, 0.4807, 0.4953, 0.5308, 0.5553, 0.5672, 0.5724, 0.5863};
  return n < known.size() ? known[n] : 0.64;
}

}  // namespace

double run_value(const RunSummary& run, Noise noise) {
  return std::log(noise == Noise::one_sided ? run.q1_s : run.median_s);
}

double location(Runs runs, Noise noise) {
  const Summary summary = summarize(values(runs, noise));
  return noise == Noise::one_sided ? summary.q1 : summary.median;
}

double best(Runs runs, Noise noise) { return std::ranges::min(values(runs, noise)); }

Spread spread(Runs runs, Noise noise) {
  const std::vector<double> y = values(runs, noise);
  const double n = static_cast<double>(y.size());
  if (noise == Noise::one_sided) {
    if (y.size() < 3) return {};
    const Summary summary = summarize(y);
    const double sd = (summary.median - summary.q1) / expected_gap(y.size());
    const double df = (n - 1) / 2;
    return {df * sd * sd, df};
  }
  const double mean = std::accumulate(y.begin(), y.end(), 0.0) / n;
  const double squares =
      std::accumulate(y.begin(), y.end(), 0.0, [mean](double sum, double x) { return sum + (x - mean) * (x - mean); });
  return {squares, n - 1};
}

double location_price(std::size_t n, Noise noise) {
  // The median's by numerical integration of order statistics, the quartile's by simulation (as above); each
  // limit bounds all n.
  static constexpr std::array median_price{1.0, 1.0, 1.0, 1.1602, 1.0920, 1.1976, 1.1351, 1.2138, 1.1598, 1.2227};
  static constexpr std::array quartile_price{1.0, 1.0, 1.0425, 1.0802, 1.1451, 1.2489, 1.2087, 1.2016, 1.2307, 1.2955};
  if (noise == Noise::one_sided) return n < quartile_price.size() ? quartile_price[n] : 1.363;
  return n < median_price.size() ? median_price[n] : std::sqrt(std::numbers::pi / 2);
}

double standard_error(double sd, std::size_t base_units, std::size_t new_units, Noise noise) {
  const auto part = [noise](std::size_t n) {
    const double price = location_price(n, noise);
    return price * price / static_cast<double>(n);
  };
  return sd * std::sqrt(part(base_units) + part(new_units));
}

}  // namespace kernelgate

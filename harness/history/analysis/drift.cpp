#include "harness/history/analysis/drift.h"

#include <cmath>
#include <vector>

#include "harness/history/analysis/noise.h"

namespace kernelgate::history {
namespace {

double nights_after_anchor(std::size_t night) {
  return night < anchor_nights ? 0 : static_cast<double>(night - anchor_nights + 1);
}

/// Takes the mean of each piece away; pieces are where the level is the same. Returns their number.
int centre_pieces(std::vector<double>& values, std::span<const double> levels) {
  int pieces = 0;
  for (std::size_t first = 0; first < values.size(); ++pieces) {
    std::size_t last = first + 1;
    while (last < values.size() && (levels.empty() || levels[last] == levels[first])) ++last;
    double sum = 0;
    for (std::size_t t = first; t < last; ++t) sum += values[t];
    for (std::size_t t = first; t < last; ++t) values[t] -= sum / static_cast<double>(last - first);
    first = last;
  }
  return pieces;
}

}  // namespace

Drift find_drift(std::span<const double> y, std::span<const double> levels) {
  Drift drift;
  if (y.size() < fewest_drift_nights) return drift;
  std::vector<double> x(y.size()), centred(y.begin(), y.end());
  for (std::size_t t = 0; t < y.size(); ++t) x[t] = nights_after_anchor(t);
  const int pieces = centre_pieces(x, levels);
  centre_pieces(centred, levels);
  double squares = 0, products = 0;
  for (std::size_t t = 0; t < y.size(); ++t) {
    squares += x[t] * x[t];
    products += x[t] * centred[t];
  }
  if (!(squares > 0)) return drift;
  drift.per_night = products / squares;
  std::vector<double> residuals(y.size());
  for (std::size_t t = 0; t < y.size(); ++t) residuals[t] = centred[t] - drift.per_night * x[t];
  drift.phi = lag1_correlation(residuals, pieces + 1);
  const std::vector<double> scores = normal_scores(innovations(centred, drift.phi));
  double aligned = 0;
  for (std::size_t t = 0; t < y.size(); ++t) aligned += x[t] * scores[t];
  drift.p = std::erfc(std::fabs(aligned) / std::sqrt(2 * squares));
  drift.change = drift.per_night * nights_after_anchor(y.size() - 1);
  return drift;
}

double drift_at(const Drift& drift, std::size_t night) { return drift.per_night * nights_after_anchor(night); }

}  // namespace kernelgate::history

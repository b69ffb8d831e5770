#include "harness/statistics/multiplicity.h"

#include <algorithm>
#include <numeric>

namespace kernelgate {
namespace {

std::vector<std::size_t> ascending(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p[i]; });
  return order;
}

}  // namespace

std::vector<bool> holm(std::span<const double> p, double alpha) {
  const std::vector<double> levels = holm_levels(p, alpha);
  std::vector<bool> rejected(p.size());
  for (std::size_t i = 0; i < p.size(); ++i) rejected[i] = p[i] <= levels[i];
  return rejected;
}

std::vector<double> holm_levels(std::span<const double> p, double alpha) {
  std::vector<double> levels(p.size(), alpha);
  std::size_t left = p.size();
  for (std::size_t i : ascending(p)) {
    levels[i] = alpha / static_cast<double>(left);
    if (p[i] <= levels[i] && left > 1) --left;
  }
  return levels;
}

std::vector<bool> benjamini_hochberg(std::span<const double> p, double rate) {
  std::vector<bool> rejected(p.size(), false);
  const std::vector<std::size_t> order = ascending(p);
  const double count = static_cast<double>(p.size());
  std::size_t fallen = 0;
  for (std::size_t rank = 1; rank <= order.size(); ++rank)
    if (p[order[rank - 1]] <= rate * static_cast<double>(rank) / count) fallen = rank;
  for (std::size_t rank = 0; rank < fallen; ++rank) rejected[order[rank]] = true;
  return rejected;
}

}  // namespace kernelgate

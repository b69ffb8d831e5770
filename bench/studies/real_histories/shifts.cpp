#include "bench/studies/real_histories/shifts.h"

#include <algorithm>
#include <cmath>

#include "harness/statistics/statistics.h"

namespace kernelgate::real_histories {
namespace {

constexpr std::size_t fewest = 5;
/// Steps are reported of a level of three values, too.
constexpr std::size_t supporting = 10;
constexpr double supported_auc = 0.75;

double absolute_deviation(std::span<const double> before, std::span<const double> after) {
  std::vector<double> distances;
  for (std::span<const double> side : {before, after}) {
    const double middle = median(side);
    for (double y : side) distances.push_back(std::fabs(y - middle));
  }
  return median(distances);
}

}  // namespace

double auc(std::span<const double> before, std::span<const double> after) {
  double larger = 0;
  for (double a : before)
    for (double b : after) larger += b > a ? 1 : b == a ? 0.5 : 0;
  return larger / static_cast<double>(before.size() * after.size());
}

std::vector<Shift> shifts_in(std::span<const double> y, const Clearness& clearness, std::size_t reach) {
  struct Candidate {
    Shift shift;
    double clear = 0;
  };
  std::vector<Candidate> candidates;
  for (std::size_t at = fewest; at + fewest <= y.size(); ++at) {
    const std::size_t from = at > reach ? at - reach : 0, to = std::min(y.size(), at + reach);
    const auto before = y.subspan(from, at - from), after = y.subspan(at, to - at);
    const double change = median(after) - median(before), order = auc(before, after);
    if (std::fabs(change) < clearness.least || std::max(order, 1 - order) < clearness.order) continue;
    if (std::fabs(change) < clearness.deviations * absolute_deviation(before, after)) continue;
    double misfit = 0;
    for (double value : before) misfit += std::fabs(value - median(before));
    for (double value : after) misfit += std::fabs(value - median(after));
    candidates.push_back({{at, change}, -misfit / static_cast<double>(to - from)});
  }
  std::vector<Shift> shifts;
  for (std::size_t i = 0; i < candidates.size();) {
    std::size_t last = i + 1;
    while (last < candidates.size() && candidates[last].shift.at - candidates[last - 1].shift.at < fewest) ++last;
    const auto best = std::max_element(candidates.begin() + static_cast<std::ptrdiff_t>(i),
                                       candidates.begin() + static_cast<std::ptrdiff_t>(last),
                                       [](const Candidate& a, const Candidate& b) { return a.clear < b.clear; });
    shifts.push_back(best->shift);
    i = last;
  }
  return shifts;
}

bool has_support(std::span<const double> y, std::size_t from, std::size_t at, std::size_t to, double change) {
  from = std::max(from, at > supporting ? at - supporting : 0);
  to = std::min(to, at + supporting);
  const auto before = y.subspan(from, at - from), after = y.subspan(at, to - at);
  const double seen = median(after) - median(before), order = auc(before, after);
  return seen * change > 0 && (change > 0 ? order : 1 - order) >= supported_auc;
}

}  // namespace kernelgate::real_histories

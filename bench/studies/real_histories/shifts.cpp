#include "bench/studies/real_histories/shifts.h"

#include <algorithm>
#include <cmath>
#include <utility>

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

/// Up to `reach` values on each side of a place.
std::pair<std::span<const double>, std::span<const double>> beside(std::span<const double> y, std::size_t at,
                                                                   std::size_t reach) {
  const std::size_t from = at > reach ? at - reach : 0, to = std::min(y.size(), at + reach);
  return {y.subspan(from, at - from), y.subspan(at, to - at)};
}

}  // namespace

double auc(std::span<const double> before, std::span<const double> after) {
  double larger = 0;
  for (double a : before)
    for (double b : after) larger += b > a ? 1 : b == a ? 0.5 : 0;
  return larger / static_cast<double>(before.size() * after.size());
}

std::vector<Shift> places_of_shifts(std::span<const double> y, const Clearness& clearness) {
  std::vector<Shift> places;
  for (std::size_t at = fewest; at + fewest <= y.size(); ++at) {
    const auto [before, after] = beside(y, at, clearness.reach);
    const double change = median(after) - median(before), order = auc(before, after);
    if (std::fabs(change) < clearness.least || std::max(order, 1 - order) < clearness.order) continue;
    if (std::fabs(change) >= clearness.deviations * absolute_deviation(before, after)) places.push_back({at, change});
  }
  return places;
}

std::vector<Shift> shifts_in(std::span<const double> y, const Clearness& clearness) {
  const auto misfit = [&](const Shift& shift) {
    const auto [before, after] = beside(y, shift.at, clearness.reach);
    double sum = 0;
    for (std::span<const double> side : {before, after})
      for (double value : side) sum += std::fabs(value - median(side));
    return sum / static_cast<double>(before.size() + after.size());
  };
  const std::vector<Shift> places = places_of_shifts(y, clearness);
  std::vector<Shift> shifts;
  for (std::size_t i = 0; i < places.size();) {
    std::size_t last = i + 1;
    while (last < places.size() && places[last].at - places[last - 1].at < fewest) ++last;
    shifts.push_back(*std::min_element(places.begin() + static_cast<std::ptrdiff_t>(i),
                                       places.begin() + static_cast<std::ptrdiff_t>(last),
                                       [&](const Shift& a, const Shift& b) { return misfit(a) < misfit(b); }));
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

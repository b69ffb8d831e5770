#include "harness/statistics/rank_sum.h"

#include <cmath>
#include <utility>
#include <vector>

#include "harness/statistics/distributions.h"

namespace kernelgate {
namespace {

/// From so many pairs on the sum is normal to a thousandth.
constexpr std::size_t exact_pairs = 900;

/// P(so many pairs or fewer are out of order), of 0 to `most` of them. The largest value of all is one of `above` or of
/// `below`, and then every value of `above` is out of order with it.
std::vector<double> order_cdf(std::size_t below, std::size_t above, std::size_t most) {
  // Of i values below, and as many above as the index says: first i = 0, and each round takes one more.
  std::vector<double> none(most + 1, 0.0);
  none[0] = 1;
  std::vector<std::vector<double>> chance(above + 1, none);
  for (std::size_t i = 1; i <= below; ++i)
    for (std::size_t j = 1; j <= above; ++j) {
      const double share_below = static_cast<double>(i) / static_cast<double>(i + j);
      // Downwards, so that what is read was not yet written.
      for (std::size_t u = most + 1; u-- > 0;)
        chance[j][u] = (1 - share_below) * chance[j - 1][u] + (u >= j ? share_below * chance[j][u - j] : 0);
    }
  std::vector<double> cdf = std::move(chance[above]);
  for (std::size_t u = 1; u <= most; ++u) cdf[u] += cdf[u - 1];
  return cdf;
}

double normal_z(std::size_t below, std::size_t above, double pairs) {
  const double n = static_cast<double>(below), m = static_cast<double>(above);
  return (pairs + 0.5 - n * m / 2) / std::sqrt(n * m * (n + m + 1) / 12);
}

}  // namespace

double rank_sum_p(std::span<const double> below, std::span<const double> above) {
  if (below.empty() || above.empty()) return 1;
  std::size_t out_of_order = 0;
  for (double a : below)
    for (double b : above) out_of_order += a >= b ? 1 : 0;
  if (below.size() * above.size() > exact_pairs)
    return normal_cdf(normal_z(below.size(), above.size(), static_cast<double>(out_of_order)));
  return order_cdf(below.size(), above.size(), out_of_order).back();
}

int pairs_out_of_order_at_most(std::size_t below, std::size_t above, double level) {
  if (below == 0 || above == 0) return -1;
  const std::size_t pairs = below * above;
  int most = -1;
  if (pairs > exact_pairs) {
    const int all = static_cast<int>(pairs);
    while (most < all && normal_cdf(normal_z(below, above, most + 1)) <= level) ++most;
    return most;
  }
  // More than half of them are out of order in half of all ways.
  for (double p : order_cdf(below, above, pairs / 2)) {
    if (p > level) break;
    ++most;
  }
  return most;
}

}  // namespace kernelgate

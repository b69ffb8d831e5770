// Student's t from the regularised incomplete beta function.

#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

/// The continued fraction of the incomplete beta function, by Lentz's method.
/// Source  DLMF 8.17.22; converges fast for x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  constexpr double tiny = 1e-300;
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  const auto away_from_zero = [](double value) { return std::fabs(value) < tiny ? tiny : value; };
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int m = 1; m < 10000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    fraction *= c * d;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    const double step = c * d;
    fraction *= step;
    if (std::fabs(step - 1) <= 2 * epsilon) return fraction;
  }
  throw std::runtime_error("the incomplete beta function did not converge");
}

/// I_x(a, b), with y = 1 - x given apart, because it may be far below the precision of 1 - x.
double incomplete_beta(double a, double b, double x, double y) {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log(y));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, y) / b;
}

/// P(T > t) for t >= 0; exact in the far tail, where 1 - cdf would be 0.
double upper_tail(double t, double df) {
  const double t2 = t * t;
  return 0.5 * incomplete_beta(df / 2, 0.5, df / (df + t2), t2 / (df + t2));
}

void require_positive(double df) {
  if (!(df > 0)) throw std::invalid_argument("Student's t needs more than 0 degrees of freedom");
}

}  // namespace

double student_t_cdf(double t, double df) {
  require_positive(df);
  return t >= 0 ? 1 - upper_tail(t, df) : upper_tail(-t, df);
}

double student_t_quantile(double p, double df) {
  require_positive(df);
  if (!(p > 0 && p < 1)) throw std::invalid_argument("a quantile needs 0 < p < 1");
  if (p == 0.5) return 0;
  const double tail = p < 0.5 ? p : 1 - p;
  double low = 0, high = 1;
  while (upper_tail(high, df) > tail) {
    low = high;
    high *= 2;
  }
  // Newton's steps, and bisection where one leaves the bracket.
  const double log_norm = std::lgamma((df + 1) / 2) - std::lgamma(df / 2) - 0.5 * std::log(df * std::numbers::pi);
  double t = 0.5 * (low + high);
  for (int i = 0; i < 200 && high - low > std::numeric_limits<double>::epsilon() * high; ++i) {
    const double excess = upper_tail(t, df) - tail;
    (excess > 0 ? low : high) = t;
    const double density = std::exp(log_norm - (df + 1) / 2 * std::log1p(t * t / df));
    const double step = t + excess / density;
    const double next = step > low && step < high ? step : 0.5 * (low + high);
    if (std::fabs(next - t) <= std::numeric_limits<double>::epsilon() * t) break;
    t = next;
  }
  return p < 0.5 ? -t : t;
}

}  // namespace kernelgate

#include "harness/statistics/distributions.h"

#include <cmath>
#include <stdexcept>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/polygamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

namespace kernelgate {
namespace {

namespace math = boost::math;

using InDouble = math::policies::policy<math::policies::promote_double<false>>;
using StudentT = math::students_t_distribution<double, InDouble>;
using NonCentralT = math::non_central_t_distribution<double, InDouble>;
using Beta = math::beta_distribution<double, InDouble>;

// Boost's series needs ever more terms; from here on the non-central t and a normal distribution are one.
constexpr double most_noncentral = 30;

double probability(double p) {
  if (!(p > 0 && p < 1)) throw std::invalid_argument("a quantile needs 0 < p < 1");
  return p;
}

double positive(double parameter) {
  if (!(parameter > 0)) throw std::invalid_argument("a distribution needs parameters, or degrees of freedom, above 0");
  return parameter;
}

double finite(double parameter) {
  if (!std::isfinite(parameter)) throw std::invalid_argument("a distribution needs parameters that are finite");
  return parameter;
}

StudentT student_t(double df) { return StudentT(positive(df)); }

NonCentralT non_central_t(double df, double noncentrality) {
  if (!(noncentrality >= 0)) throw std::invalid_argument("a non-central t needs a noncentrality of 0 or more");
  return {positive(df), finite(noncentrality)};
}

Beta beta(double a, double b) { return {finite(positive(a)), finite(positive(b))}; }

}  // namespace

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

double normal_quantile(double p) { return quantile(math::normal_distribution<double, InDouble>(), probability(p)); }

// What is not a number has no probability that is one: 0/0 of a case without any spread.
double student_t_cdf(double t, double df) { return std::isnan(t) ? t : cdf(student_t(df), t); }

double student_t_upper_tail(double t, double df) { return std::isnan(t) ? t : cdf(complement(student_t(df), t)); }

double student_t_quantile(double p, double df) { return quantile(student_t(df), probability(p)); }

double student_t_upper_quantile(double p, double df) { return quantile(complement(student_t(df), probability(p))); }

double non_central_t_upper_tail(double t, double df, double noncentrality) {
  if (noncentrality > most_noncentral) return normal_cdf(noncentrality - t);
  return cdf(complement(non_central_t(df, noncentrality), t));
}

double non_central_t_quantile(double p, double df, double noncentrality) {
  return quantile(non_central_t(df, noncentrality), probability(p));
}

double digamma(double x) { return math::digamma(positive(x), InDouble()); }
double trigamma(double x) { return math::trigamma(positive(x), InDouble()); }
double tetragamma(double x) { return math::polygamma(2, positive(x), InDouble()); }

double chi_squared_quantile(double p, double df) {
  return quantile(math::chi_squared_distribution<double, InDouble>(finite(positive(df))), probability(p));
}

double beta_quantile(double p, double a, double b) { return quantile(beta(a, b), probability(p)); }

double beta_upper_quantile(double p, double a, double b) { return quantile(complement(beta(a, b), probability(p))); }

double binomial_upper_tail(double hits, double tries, double rate) {
  if (!(hits >= 0 && hits <= tries && rate >= 0 && rate <= 1))
    throw std::invalid_argument("a binomial rate needs at least as many tries as hits, and a rate from 0 to 1");
  return cdf(complement(math::binomial_distribution<double, InDouble>(tries, rate), hits));
}

}  // namespace kernelgate

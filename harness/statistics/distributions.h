#pragma once
// The probability distributions that verdicts need. All of Boost.Math is behind distributions.cpp: its templates are
// slow to compile, and nothing else includes them.
//
// A `_cdf` is P(X <= x). An `_upper_tail` is P(X > x), exact where 1 - cdf would be 0. A `_quantile` is the x with
// P(X <= x) = p, and an `_upper_quantile` the x with P(X > x) = p, exact for a p so small that 1 - p would be 1.
//
// Errors  std::invalid_argument: a probability outside (0, 1), or a parameter that its distribution does not have.
// Source  Boost.Math, in double and not in long double: 1e-13 of the value is enough here, and it is nine times as
// fast.

namespace kernelgate {

double normal_cdf(double z);
double normal_quantile(double p);

/// Student's t, for any real df > 0. Infinitely many degrees of freedom are the normal distribution's.
double student_t_cdf(double t, double df);
double student_t_upper_tail(double t, double df);
double student_t_quantile(double p, double df);
double student_t_upper_quantile(double p, double df);

/// Student's t about `noncentrality` >= 0 and not about 0.
double non_central_t_upper_tail(double t, double df, double noncentrality);
double non_central_t_quantile(double p, double df, double noncentrality);

/// The first three derivatives of log gamma, for x > 0.
double digamma(double x);
double trigamma(double x);
double tetragamma(double x);

double chi_squared_quantile(double p, double df);

double beta_quantile(double p, double a, double b);
double beta_upper_quantile(double p, double a, double b);

/// That more than `hits` of `tries` show what each shows with chance `rate`.
double binomial_upper_tail(double hits, double tries, double rate);

}  // namespace kernelgate

#pragma once
// From raw readings to figures.

#include <span>
#include <utility>
#include <vector>

namespace kernelgate::silicon {

/// Of an even number of values the mean of the two in the middle. Errors  HarnessError: there are none.
double median(std::vector<double> values);

/// What one more of something takes, and what is left with none of it.
struct Line {
  double slope = 0;
  double intercept = 0;
};

/// By least squares. Errors  HarnessError: fewer than two points, or all at one x.
Line fit_line(std::span<const std::pair<double, double>> points);

/// What one step takes, from a chain of few and one of many: what both have besides falls out.
double per_step(double few, double few_steps, double many, double many_steps);

}  // namespace kernelgate::silicon

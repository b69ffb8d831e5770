#include "bench/silicon/measure/slopes.h"

#include <algorithm>

#include "harness/base/error.h"

namespace kernelgate::silicon {

double median(std::vector<double> values) {
  if (values.empty()) throw HarnessError(ExitCode::usage, "a median of no readings");
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

Line fit_line(std::span<const std::pair<double, double>> points) {
  double x = 0, y = 0;
  for (const auto& [px, py] : points) x += px, y += py;
  const auto count = static_cast<double>(points.size());
  double xx = 0, xy = 0;
  for (const auto& [px, py] : points) {
    xx += (px - x / count) * (px - x / count);
    xy += (px - x / count) * (py - y / count);
  }
  if (points.size() < 2 || xx == 0) throw HarnessError(ExitCode::usage, "a line needs two different points");
  return {xy / xx, y / count - xy / xx * x / count};
}

double per_step(double few, double few_steps, double many, double many_steps) {
  const std::pair<double, double> points[] = {{few_steps, few}, {many_steps, many}};
  return fit_line(points).slope;
}

}  // namespace kernelgate::silicon

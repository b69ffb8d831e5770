#include "harness/judge/compare/screen.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "harness/statistics/distributions.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

/// Mean and corrected variance of what is known.
struct Moments {
  double mean = 0, variance = 0;
  std::size_t count = 0;
};

Moments moments(std::span<const double> values) {
  Moments m;
  for (double x : values)
    if (!std::isnan(x)) m.mean += x, ++m.count;
  if (m.count == 0) return m;
  m.mean /= static_cast<double>(m.count);
  for (double x : values)
    if (!std::isnan(x)) m.variance += (x - m.mean) * (x - m.mean);
  m.variance = m.count > 1 ? m.variance / static_cast<double>(m.count - 1) : 0;
  return m;
}

double median_of_known(std::vector<double> values) {
  std::erase_if(values, [](double x) { return std::isnan(x); });
  return values.empty() ? 0 : median(values);
}

void check(std::span<const ScreenInput> cases) {
  for (const ScreenInput& one : cases) {
    if (one.nights.size() != cases.front().nights.size())
      throw std::invalid_argument("the screen needs the same nights of every case");
    bool infinite = !std::isfinite(one.tonight);
    for (double night : one.nights) infinite = infinite || std::isinf(night);
    if (infinite) throw std::invalid_argument("the screen needs finite times");
  }
}

/// What all cases of a night share, one value a night, tonight's last.
std::vector<double> common_modes(std::span<const ScreenInput> cases) {
  const std::size_t nights = cases.front().nights.size();
  std::vector<double> places;
  for (const ScreenInput& one : cases) places.push_back(median_of_known(one.nights));
  std::vector<double> common;
  for (std::size_t night = 0; night <= nights; ++night) {
    std::vector<double> distances;
    for (std::size_t k = 0; k < cases.size(); ++k)
      distances.push_back((night < nights ? cases[k].nights[night] : cases[k].tonight) - places[k]);
    common.push_back(median_of_known(std::move(distances)));
  }
  return common;
}

/// The variance that a case of this suite typically has. The median of s^2 is below sigma^2 where degrees are few;
/// Wilson and Hilferty's cube says by how much.
double typical_variance(std::span<const Moments> cases) {
  std::vector<double> corrected;
  for (const Moments& m : cases) {
    if (m.count < 2) continue;
    const double a = 2.0 / (9.0 * static_cast<double>(m.count - 1));
    corrected.push_back(m.variance / std::pow(1 - a, 3));
  }
  return corrected.empty() ? 0 : median(corrected);
}

void judge_common(ScreenReport& report, std::vector<double> common, const ScreenOptions& options) {
  const double tonight = common.back();
  common.pop_back();
  const Moments usual = moments(common);
  report.common = tonight - usual.mean;
  if (usual.count < 2 || std::fabs(report.common) < options.shift_at_least) return;
  const double count = static_cast<double>(usual.count);
  const double se = std::sqrt(usual.variance * (1 + 1 / count));
  const double p = se > 0 ? student_t_upper_tail(std::fabs(report.common) / se, count - 1) : 0;
  if (p < options.shift_alpha) report.shifted = report.common > 0 ? 1 : -1;
}

}  // namespace

ScreenReport screen(std::span<const ScreenInput> cases, const ScreenOptions& options) {
  ScreenReport report;
  report.cases.resize(cases.size());
  if (cases.empty()) return report;
  check(cases);
  const std::vector<double> common = common_modes(cases);
  report.relative = cases.size() >= options.fewest_for_common;
  if (report.relative) judge_common(report, common, options);

  std::vector<Moments> usual;
  for (const ScreenInput& one : cases) {
    std::vector<double> nights = one.nights;
    if (report.relative)
      for (std::size_t night = 0; night < nights.size(); ++night) nights[night] -= common[night];
    usual.push_back(moments(nights));
  }
  const double typical = typical_variance(usual);

  for (std::size_t k = 0; k < cases.size(); ++k) {
    Screened& one = report.cases[k];
    one.effect = cases[k].tonight - moments(cases[k].nights).mean;
    if (usual[k].count < 2) continue;
    const double own_df = static_cast<double>(usual[k].count - 1);
    one.df = suite_prior_df + own_df;
    const double variance = (suite_prior_df * typical + own_df * usual[k].variance) / one.df;
    one.se = std::sqrt(variance * (1 + 1 / static_cast<double>(usual[k].count)));
    one.beyond = cases[k].tonight - (report.relative ? common.back() : 0) - usual[k].mean;
    if (one.se > 0) {
      one.p_slower = student_t_upper_tail(one.beyond / one.se, one.df);
      one.p_faster = student_t_upper_tail(-one.beyond / one.se, one.df);
    } else {  // nights that agree to the last digit: any change is one
      one.p_slower = one.beyond > 0 ? 0 : 1;
      one.p_faster = one.beyond < 0 ? 0 : 1;
    }
    one.slower = one.p_slower < options.alpha;
    one.faster = one.p_faster < options.alpha;
  }
  return report;
}

}  // namespace kernelgate

#include "harness/judge/compare/thin_runs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>

#include "harness/statistics/distributions.h"
#include "harness/statistics/rank_sum.h"

namespace kernelgate {
namespace {

/// The chance of how the units are ordered, if the upper side were no farther above than the threshold.
double order_p(std::span<const RunSummary> below, std::span<const RunSummary> above, double threshold, Noise noise) {
  std::vector<double> low, high;
  for (const RunSummary& run : below) low.push_back(run_value(run, noise) + threshold);
  for (const RunSummary& run : above) high.push_back(run_value(run, noise));
  return rank_sum_p(low, high);
}

/// What an effect must be for its pairs to be in order 9 times in 10, but for as many as may be out of it. Those come
/// in bunches, so that to count them as if they were rare and independent is on the safe side.
double ordered_effect(const Evidence& one, double level) {
  const int most = pairs_out_of_order_at_most(one.base_units, one.new_units, level);
  if (most < 0) return std::numeric_limits<double>::infinity();
  const double expected = chi_squared_quantile(1 - detectable_power, 2.0 * (most + 1)) / 2;
  const double share = expected / static_cast<double>(one.base_units * one.new_units);
  return share < 0.5 ? -std::numbers::sqrt2 * one.unit_sd * normal_quantile(share) : 0;
}

/// The chance that so many units a side are all in order: what order can show at best.
double order_at_best(std::size_t units) {
  double chance = 1;
  for (std::size_t i = 1; i <= units; ++i) chance *= static_cast<double>(i) / static_cast<double>(units + i);
  return chance;
}

}  // namespace

bool needs_proof(const Evidence& one, const DeviceClass& device) {
  return one.thin && !device.shared && std::min(one.base_units, one.new_units) > 1;
}

void look_for_proof(Evidence& one, std::span<const RunSummary> base, std::span<const RunSummary> fresh,
                    double declared_sd, Noise noise) {
  one.declared_se = std::hypot(standard_error(declared_sd, base.size(), fresh.size(), noise), std::sqrt(one.between));
  one.order_slower = order_p(base, fresh, one.threshold, noise);
  one.order_faster = order_p(fresh, base, one.threshold, noise);
}

std::vector<double> with_proof(std::vector<double> p, std::span<const Evidence> suite, int way,
                               const DeviceClass& device) {
  for (std::size_t i = 0; i < suite.size(); ++i) {
    const Evidence& one = suite[i];
    if (!needs_proof(one, device)) continue;
    const double size = student_t_upper_tail((way * one.effect - one.threshold) / one.declared_se, one.declared_df);
    p[i] = std::max(p[i], std::min(size, way > 0 ? one.order_slower : one.order_faster));
  }
  return p;
}

double provable(const Evidence& one, double level, StudentTable& table) {
  const double size = (table(1 - level, one.declared_df) + table(detectable_power, one.declared_df)) * one.declared_se;
  return one.threshold + std::min(size, ordered_effect(one, level));
}

bool would_prove(const Evidence& one, std::size_t units, double level, const DeviceClass& device, StudentTable& table) {
  if (order_at_best(units) <= level) return true;
  const double now = standard_error(1, one.base_units, one.new_units, device.noise);
  const double se = one.declared_se * standard_error(1, units, units, device.noise) / now;
  return std::fabs(one.effect) - table(1 - level, one.declared_df) * se > one.threshold;
}

std::string why_not_proven(double level) {
  std::size_t units = 2;
  while (order_at_best(units) > level) ++units;
  return fmt::format(
      "; single values: so few of each build may all be of one of two speeds by chance; {} files a side would show it "
      "by their order alone, several repetitions in each by less, and '--history FOLDER' of earlier runs does better",
      units);
}

}  // namespace kernelgate

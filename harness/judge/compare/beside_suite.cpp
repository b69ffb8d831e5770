// On a shared machine the cases of a suite are each other's control, and know together how each varies.

#include <cmath>
#include <vector>

#include "harness/judge/compare/decision.h"
#include "harness/statistics/squeezed_variances.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

/// What of a hosted runner's spread is taken to be shared by the processes of a side, after what the suite shares.
constexpr double shared_night = 0.25;

}  // namespace

std::vector<Evidence> beside_the_suite(std::span<const Evidence> given, const DeviceClass& device) {
  std::vector<Evidence> suite(given.begin(), given.end());
  if (!device.shared || suite.size() < fewest_for_scatter) return suite;
  std::vector<double> effects;
  std::vector<SampleVariance> own;
  for (const Evidence& one : suite) {
    effects.push_back(one.effect);
    own.push_back({one.own_df > 0 ? one.own_squares / one.own_df : 0, one.own_df});
  }
  const double common = median(effects);
  const std::vector<SampleVariance> squeezed = squeezed_variances(own);
  for (std::size_t i = 0; i < suite.size(); ++i) {
    Evidence& one = suite[i];
    one.common = common;
    one.effect -= common;
    one.undisturbed -= common;
    if (one.cycles) *one.cycles -= common;
    if (one.own_df == 0) continue;
    one.unit_sd = std::sqrt(squeezed[i].variance);
    one.df = squeezed[i].df;
    one.own_se = standard_error(one.unit_sd, one.base_units, one.new_units, device.noise);
    // The night that a side's processes share can't be more than what is left of them without the suite's.
    one.between = one.unit == Unit::run ? 2 * shared_night * squeezed[i].variance : 0;
    one.se = std::sqrt(one.own_se * one.own_se + one.between);
  }
  return suite;
}

}  // namespace kernelgate

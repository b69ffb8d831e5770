#include "harness/judge/compare/suite_move.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/judge/compare/block_noise.h"
#include "harness/judge/compare/decision.h"
#include "harness/judge/compare/suite_shift.h"
#include "harness/statistics/distributions.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

/// A common mode of which this is the chance on an unchanged machine is one that moved; each way.
constexpr double common_alpha = 0.0025;

/// Processes of one job share its machine, so that single nights say how far one may be off. An own machine is no pool
/// of them: there, as many nights in a row do, if what they did is left far behind.
bool is_beyond(double change, std::span<const double> processes, std::span<const double> nights,
               const BlockNoise& usual, bool shared, double farther) {
  if (std::fabs(change) > farther * noise_of_blocks(nights, 1).medians.towards(change)) return true;
  const double weakest = std::ranges::min(processes, {}, [change](double part) { return change > 0 ? part : -part; });
  return !shared && std::fabs(change) >= std::log1p(together_least) &&
         std::fabs(weakest) > much_farther * usual.all.towards(change);
}

}  // namespace

bool shows(double part, double effect) {
  return part * effect > 0 && std::fabs(part) >= corroborated_share * std::fabs(effect);
}

std::vector<double> common_of_nights(const LearnedSuite& learned) {
  std::vector<double> common;
  const std::size_t nights = learned.cases.empty() ? 0 : learned.cases.begin()->second.residuals.size();
  for (std::size_t t = 0; t < nights; ++t) {
    std::vector<double> known;
    for (const auto& [name, one] : learned.cases)
      if (std::isfinite(one.residuals[t])) known.push_back(one.residuals[t]);
    common.push_back(known.size() >= fewest_for_scatter ? median(known) : std::numeric_limits<double>::quiet_NaN());
  }
  return common;
}

SuiteMove suite_move(double change, std::span<const double> processes, std::span<const double> nights,
                     const DeviceClass& device, const CompareOptions& options) {
  const BlockNoise usual = noise_of_blocks(nights, processes.size());
  SuiteMove move{change, std::sqrt(usual.variance.variance)};
  move.moved = usual.variance.df > 0 && std::fabs(change) > std::log1p(options.threshold) &&
               student_t_upper_tail(std::fabs(change) / std::max(move.sd, 1e-9), usual.variance.df) < common_alpha;
  move.beyond = move.moved && (processes.size() > 1 || !device.shared) && shows(change - usual.latest, change) &&
                std::ranges::all_of(processes, [change](double part) { return shows(part, change); }) &&
                is_beyond(change, processes, nights, usual, device.shared, options.caution.farther);
  return move;
}

}  // namespace kernelgate

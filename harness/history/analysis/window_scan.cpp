#include "harness/history/analysis/window_scan.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "harness/history/analysis/noise.h"

namespace kernelgate::history {
namespace {

constexpr std::size_t shuffles = 20000;

// Of longer stretches each shuffle would take its time, and their probabilities follow from this one's: what is not
// known of the number of independent places is taken as the most that they can be.
constexpr std::size_t longest_shuffled = 250;

// Below this share of the shuffles the tail is carried on as the normal distribution's. Scores are bounded, so theirs
// is thinner.
constexpr double tail_from = 50.0 / shuffles;

std::vector<double> sums_of(std::span<const double> scores) {
  std::vector<double> sums(scores.size() + 1, 0.0);
  std::partial_sum(scores.begin(), scores.end(), sums.begin() + 1);
  return sums;
}

/// z of a window over its sum; the sum of all scores is 0.
double scale_of(std::size_t length, std::size_t n) {
  const auto l = static_cast<double>(length), all = static_cast<double>(n);
  return std::sqrt(all / (l * (all - l)));
}

/// Lengths of excursions: about sqrt(2) apart, up to half of the nights.
std::vector<std::size_t> excursion_lengths(std::size_t n) {
  std::vector<std::size_t> lengths;
  for (double length = shortest_level; length <= static_cast<double>(n) / 2; length *= std::sqrt(2.0)) {
    const auto whole = static_cast<std::size_t>(std::lround(length));
    if (lengths.empty() || whole > lengths.back()) lengths.push_back(whole);
  }
  return lengths;
}

void scan_steps(const std::vector<double>& sums, Window& best) {
  const std::size_t n = sums.size() - 1;
  for (std::size_t at = shortest_level; at + shortest_level <= n; ++at) {
    const double z = sums[at] * scale_of(at, n);
    if (std::fabs(z) > std::fabs(best.z)) best = {0, at, z};
  }
}

void scan_excursions(const std::vector<double>& sums, Window& best) {
  const std::size_t n = sums.size() - 1;
  for (std::size_t length : excursion_lengths(n)) {
    const double scale = scale_of(length, n);
    for (std::size_t first = shortest_level; first + length + shortest_level <= n; ++first) {
      const double z = (sums[first + length] - sums[first]) * scale;
      if (std::fabs(z) > std::fabs(best.z)) best = {first, first + length, z};
    }
  }
}

double normal_tail(double z) { return std::erfc(z / std::sqrt(2.0)); }

/// The lengths at which the null is shuffled: all up to 12, then about a tenth apart.
std::size_t next_length(std::size_t n) { return n < 12 ? n + 1 : std::min(n + n / 10, longest_shuffled); }

double share_above(const std::vector<double>& sorted, double z) {
  const auto above = static_cast<double>(sorted.end() - std::ranges::lower_bound(sorted, z));
  const auto all = static_cast<double>(sorted.size());
  const double p = (above + 1) / (all + 1);
  if (p >= tail_from) return p;
  const double from = sorted[static_cast<std::size_t>(all * (1 - tail_from))];
  return std::min(p, tail_from * normal_tail(z) / normal_tail(from));
}

/// The lengths beside this one, or twice itself.
std::pair<std::size_t, std::size_t> lengths_beside(std::size_t nights) {
  std::size_t below = 2 * shortest_level, above = below;
  while (above < std::min(nights, longest_shuffled)) {
    below = above;
    above = next_length(above);
  }
  return {above == nights ? above : below, above};
}

}  // namespace

Scan scan_windows(std::span<const double> scores) {
  Scan found;
  if (scores.size() < 2 * shortest_level) return found;
  const std::vector<double> sums = sums_of(scores);
  scan_steps(sums, found.step);
  scan_excursions(sums, found.excursion);
  return found;
}

const NullDistribution::Shuffled& NullDistribution::shuffled(std::size_t nights) {
  std::unique_lock lock(mutex_);
  Shuffled& null = by_nights_[nights];
  lock.unlock();
  std::call_once(null.once, [&] {
    std::vector<double> scores(nights);
    std::iota(scores.begin(), scores.end(), 0.0);
    scores = normal_scores(scores);
    std::mt19937_64 random(20261125 + nights);
    for (std::size_t i = 0; i < shuffles; ++i) {
      std::ranges::shuffle(scores, random);
      const Scan found = scan_windows(scores);
      null.steps.push_back(std::fabs(found.step.z));
      null.excursions.push_back(std::fabs(found.excursion.z));
    }
    std::ranges::sort(null.steps);
    std::ranges::sort(null.excursions);
  });
  return null;
}

NullDistribution& null_distribution() {
  static NullDistribution one;
  return one;
}

double NullDistribution::step_p(double z, std::size_t nights) {
  if (nights < 2 * shortest_level) return 1;
  if (nights > longest_shuffled) {
    // Places count by the logarithm of how far they are from the ends.
    const double more = std::log(static_cast<double>(nights)) / std::log(static_cast<double>(longest_shuffled));
    return std::min(1.0, more * step_p(z, longest_shuffled));
  }
  const auto [below, above] = lengths_beside(nights);
  return std::max(share_above(shuffled(below).steps, std::fabs(z)), share_above(shuffled(above).steps, std::fabs(z)));
}

double NullDistribution::excursion_p(double z, std::size_t nights) {
  if (nights < 3 * shortest_level) return 1;
  if (nights > longest_shuffled) {
    const double more = static_cast<double>(nights) / static_cast<double>(longest_shuffled);
    return std::min(1.0, more * excursion_p(z, longest_shuffled));
  }
  const auto [below, above] = lengths_beside(nights);
  return std::max(share_above(shuffled(below).excursions, std::fabs(z)),
                  share_above(shuffled(above).excursions, std::fabs(z)));
}

}  // namespace kernelgate::history

#include "bench/studies/error_rates/head_to_head.h"

#include <cmath>

#include "bench/studies/error_rates/other_rules.h"
#include "harness/statistics/statistics.h"

namespace kernelgate::error_rates {
namespace {

constexpr std::size_t samples_a_run = 100, nights_of_history = 100;

/// One process run's iterations, in a night of its own.
std::vector<double> one_run(SimulatedNoise& noise, double night, double change) {
  std::vector<double> times = noise.samples(1, samples_a_run).front();
  for (double& time : times) time = std::exp(time + night + change);
  return times;
}

Observed observe(SimulatedNoise& noise, double change) {
  const std::vector<double> nights = noise.nights(1, nights_of_history + 2).front();
  Observed seen;
  for (std::size_t n = 0; n < nights_of_history; ++n)
    seen.history.push_back(summarize(one_run(noise, nights[n], 0)).mean);
  seen.base = one_run(noise, nights[nights_of_history], 0);
  seen.fresh = one_run(noise, nights.back(), change);
  return seen;
}

}  // namespace

HeadToHead head_to_head(const NoiseModel& model, const HeadToHeadShape& shape, std::uint64_t seed) {
  SimulatedNoise noise(model, seed);
  HeadToHead table;
  for (const OtherRule& rule : other_rules()) table.others.emplace_back(rule.name, Score{});
  for (int i = 0; i < shape.comparisons; ++i)
    for (const double change : {0.0, shape.change}) {
      const Observed seen = observe(noise, change);
      for (std::size_t r = 0; r < table.others.size(); ++r) {
        Score& score = table.others[r].second;
        (change == 0 ? score.false_slower : score.found) += other_rules()[r].slower(seen);
      }
    }
  for (auto& [name, score] : table.others) {
    score.false_slower /= shape.comparisons;
    score.found /= shape.comparisons;
  }
  const SuiteShape suite;
  double altered = 0, unchanged = 0;
  for (int night = 0; night < shape.nights; ++night) {
    const NightOutcome quiet = simulate_night(noise, suite, 0, 0);
    const NightOutcome slower = simulate_night(noise, suite, 10, shape.change);
    table.ours.false_slower += quiet.false_slower;
    unchanged += static_cast<double>(suite.cases);
    table.ours.found += slower.found;
    altered += slower.altered;
  }
  table.ours.false_slower /= unchanged;
  table.ours.found /= altered;
  return table;
}

}  // namespace kernelgate::error_rates

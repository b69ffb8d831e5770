#include "bench/studies/error_rates/suite_night.h"

#include <cmath>
#include <numeric>

namespace kernelgate::error_rates {
namespace {

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::vector<ScreenInput> draw_suite(SimulatedNoise& noise, const SuiteShape& shape) {
  const auto levels = noise.nights(shape.cases, shape.nights + 1);
  std::vector<ScreenInput> suite(shape.cases);
  for (std::size_t k = 0; k < shape.cases; ++k)
    for (std::size_t n = 0; n <= shape.nights; ++n) {
      const double value = levels[k][n] + mean(noise.runs(shape.runs_a_night));
      if (n < shape.nights)
        suite[k].nights.push_back(value);
      else
        suite[k].tonight = value;
    }
  return suite;
}

NightOutcome judge(SimulatedNoise& noise, std::vector<ScreenInput> suite, const std::vector<double>& changes,
                   const TwoStageOptions& options) {
  for (std::size_t k = 0; k < suite.size(); ++k) suite[k].tonight += changes[k];
  SimulatedBlocks blocks(noise, changes);
  TwoStageOptions seeded = options;
  seeded.seed = noise.generator()();
  const TwoStageReport report = judge_night(suite, blocks, seeded);
  NightOutcome outcome;
  outcome.blocks = report.blocks;
  outcome.shifted = report.shifted;
  for (double change : changes) outcome.altered += change != 0;
  for (const Confirmed& one : report.confirmed) {
    const double truth = changes[one.index];
    ++outcome.intervals;
    outcome.covered += one.low <= truth && truth <= one.high;
    const bool within = std::fabs(truth) <= std::log1p(0.005) + 1e-12;
    if (one.verdict == Verdict::slower) (truth > 0 && !within ? outcome.found : outcome.false_slower) += 1;
    if (one.verdict == Verdict::faster) outcome.false_faster += 1;
  }
  return outcome;
}

}  // namespace

std::vector<std::vector<Block>> SimulatedBlocks::take(std::span<const std::size_t> cases, int blocks) {
  std::vector<std::vector<Block>> taken;
  for (std::size_t k : cases) {
    const std::vector<double> runs = noise_.runs(2 * static_cast<std::size_t>(blocks));
    const std::vector<bool> swapped = new_goes_first(blocks, noise_.generator()());
    taken.emplace_back();
    for (std::size_t b = 0; b < static_cast<std::size_t>(blocks); ++b) {
      const double first = runs[2 * b], second = runs[2 * b + 1];
      taken.back().push_back({(swapped[b] ? first - second : second - first) + changes_.at(k)});
    }
  }
  return taken;
}

NightOutcome simulate_night(SimulatedNoise& noise, const SuiteShape& shape, std::size_t altered, double change,
                            const TwoStageOptions& options) {
  std::vector<double> changes(shape.cases, 0.0);
  std::fill_n(changes.begin(), altered, change);
  return judge(noise, draw_suite(noise, shape), changes, options);
}

NightOutcome simulate_detectable(SimulatedNoise& noise, const SuiteShape& shape, std::size_t altered,
                                 const TwoStageOptions& options) {
  std::vector<ScreenInput> suite = draw_suite(noise, shape);
  const ScreenReport before = screen(suite, options.screen);
  const double rivals = options.screen.alpha * static_cast<double>(shape.cases) + static_cast<double>(altered);
  const NoiseModel& m = noise.model();
  const double run_variance = m.run * m.run + m.iteration * m.iteration / 64 +
                              m.bimodal_share * (1 - m.bimodal_share) * m.bimodal_step * m.bimodal_step;
  std::vector<double> changes(shape.cases, 0.0);
  for (std::size_t k = 0; k < altered; ++k)
    changes[k] = detectable_change(before.cases[k].se, before.cases[k].df, std::sqrt(2 * run_variance),
                                   std::log1p(0.005), rivals, options);
  return judge(noise, std::move(suite), changes, options);
}

}  // namespace kernelgate::error_rates

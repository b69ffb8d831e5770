#pragma once
// One simulated night of a suite: its baseline, tonight, and fresh blocks, judged by the program's own two stages.

#include <map>
#include <span>
#include <vector>

#include "bench/studies/error_rates/noise_model.h"
#include "harness/judge/confirm/two_stage.h"

namespace kernelgate::error_rates {

struct SuiteShape {
  std::size_t cases = 200;
  std::size_t nights = 14;
  std::size_t runs_a_night = 3;
};

/// What happened in one night.
struct NightOutcome {
  int false_slower = 0, false_faster = 0;
  int found = 0, altered = 0;  ///< of the cases that were made slower
  int blocks = 0;
  int intervals = 0, covered = 0;  ///< of the confirmed: those whose 95 % interval holds the truth
  bool shifted = false;
};

/// `change`: by how much the first `altered` cases are slower, as a log ratio.
NightOutcome simulate_night(SimulatedNoise& noise, const SuiteShape& shape, std::size_t altered, double change,
                            const TwoStageOptions& options = {});

/// As above with the change that each altered case's own printed minimum detectable effect names.
NightOutcome simulate_detectable(SimulatedNoise& noise, const SuiteShape& shape, std::size_t altered,
                                 const TwoStageOptions& options = {});

/// Blocks of a simulated case: two runs, in alternating order.
class SimulatedBlocks : public BlockSource {
 public:
  SimulatedBlocks(SimulatedNoise& noise, std::vector<double> changes) : noise_(noise), changes_(std::move(changes)) {}
  std::vector<std::vector<Block>> take(std::span<const std::size_t> cases, int blocks) override;

 private:
  SimulatedNoise& noise_;
  std::vector<double> changes_;
};

}  // namespace kernelgate::error_rates

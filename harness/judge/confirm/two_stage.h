#pragma once
// A night's verdicts: the screen (screen.h) against the baseline's nights, then fresh blocks (confirm.h) of what it
// flagged.

#include <cstdint>
#include <span>
#include <vector>

#include "harness/judge/compare/screen.h"
#include "harness/judge/confirm/confirm.h"

namespace kernelgate {

struct TwoStageOptions {
  ScreenOptions screen;
  ConfirmOptions confirm;
  std::vector<double> thresholds;  ///< log, one a case; empty: 0.5 % for all
  int shifted_sample = 16;         ///< cases taken at random for blocks when the night as a whole moved
  double shifted_share = 0.2;      ///< of the cases flagged one way is such a night too
  std::uint64_t seed = 1;          ///< chooses those
};

struct TwoStageReport {
  ScreenReport screened;
  std::vector<Confirmed> confirmed;  ///< of the flagged alone
  bool shifted = false;
  int blocks = 0;  ///< that were measured, summed over the cases
};

TwoStageReport judge_night(std::span<const ScreenInput> cases, BlockSource& source,
                           const TwoStageOptions& options = {});

/// The smallest slowdown of one case that the two stages find with 90 % probability.
///
/// Units  a log ratio, as are all inputs: `se` and `df` are of the screen's prediction, `block_sd` is of one block's
///        difference, `rivals` are the cases flagged in the same direction.
double detectable_change(double se, double df, double block_sd, double threshold, double rivals,
                         const TwoStageOptions& options = {});

}  // namespace kernelgate

#pragma once
// The verdict on a result against the nights before it: their spread is the noise, learned and not declared.
//
// The unit is what the new side is: of m processes their median, beside the medians of m earlier nights in a row, so
// that tails and what a night remembers of the one before are in the spread as they are. With
//   r     of an earlier night and case: the log of its time over its level, steps taken out; what all cases of a night
//         share is taken off (common_mode.h), where there are cases enough
//   s^2   the variance of the medians of m successive r, squeezed over the suite (squeezed_variances.h)
//   d     = median(log new) - median(log of the nights on the present level) - what the suite moved by
//   SE^2  = s^2 (1 + m / nights on the level): a prediction
// SLOWER  d is beyond the threshold: one-sided, Student's t, Holm over the cases at 1 %; every new process shows
//         half of it, half of it is the case's own and not the suite's, the last m nights were not so already, and no m
//         nights in a row were nearly as far off the same way. What only the first holds for is POSSIBLE, and so is
//         what one value says.
// FASTER  the mirror image. SAME and INCONCLUSIVE as of two files. What the suite moves by is one finding, tested as
// one
//         more case (suite_move.h): where no earlier night was nearly so far off, the cases follow it.

#include <map>
#include <string>
#include <vector>

#include "harness/judge/compare/compare.h"

namespace kernelgate {

/// What is known of one case from earlier nights.
///
/// Units  logarithms of seconds.
struct LearnedCase {
  std::vector<double> level;      ///< the nights since the last step, at most `level_nights` of the latest
  std::vector<double> residuals;  ///< of all nights by time about their own levels; NaN: not measured that night
};

/// Nights of the present level that are looked at: more of them would be older than what is asked about.
inline constexpr std::size_t level_nights = 30;
/// Fewer nights teach nothing: then what is declared of the class decides.
inline constexpr std::size_t fewest_learning_nights = 10;

struct LearnedSuite {
  std::string description;
  std::vector<std::string> declared;         ///< what the new side's environment differs in from the last night's
  std::map<std::string, LearnedCase> cases;  ///< all have as many residuals
  std::size_t nights = 0;                    ///< of the longest case
};

/// Errors  HarnessError(usage): an option out of range.
Comparison compare_with_learned(const LearnedSuite& learned, const Side& fresh, const CompareOptions& options);

}  // namespace kernelgate

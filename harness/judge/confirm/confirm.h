#pragma once
// The second of a night's two stages: what the screen flagged is measured anew, in interleaved blocks of the archived
// build and the new one on the same device. The night, the device, its clocks and its heat are in both halves of a
// block and cancel; and the data are fresh, so that only the flagged count for the correction.
//
// A block is one process run of each build; the order alternates, so two blocks are an ABBA. d is a block's difference
// of the logs of the runs' medians.
//   H0     the change is at most the threshold (0.5 %, and two quanta of the timer); one-sided
//   J      the blocks of a case: Stein's rule, from the spread of its first 8, so that a change of the target would be
//          found with the wanted power; at most the cap
//   early  a case is given up as soon as its upper limit is below the target, which can't raise a false alarm, and
//          decided early only by a p a hundredfold smaller than the level (Haybittle and Peto)
//   p      Student's t on all J, of a trimmed mean on devices whose runs neighbours spoil; Holm over the flagged, each
//   direction by itself
// SLOWER needs the same sign, and at least half of the size, in clock cycles where clocks are known.
// Source  Stein, Annals of Mathematical Statistics 16 (1945); Haybittle, British J. Radiology 44 (1971).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/judge/compare/compare.h"

namespace kernelgate {

/// One block of one case: the new build against the archived one.
///
/// Units  differences of logarithms of seconds, and of clock cycles; NaN: one of the two runs gave no valid time.
struct Block {
  double seconds = 0;
  std::optional<double> cycles = std::nullopt;
};

/// Where fresh blocks come from: the program, a simulation, a recording.
class BlockSource {
 public:
  virtual ~BlockSource() = default;
  /// `blocks` new blocks of each of `cases` (indices that the source knows), in the order measured.
  ///
  /// Shapes  [case][block], as asked.
  virtual std::vector<std::vector<Block>> take(std::span<const std::size_t> cases, int blocks) = 0;
};

/// Which blocks measure the new build first: half of them, in an order drawn anew for every four, so that neither a
/// drift nor what one run leaves to the next favours a side.
std::vector<bool> new_goes_first(int blocks, std::uint64_t seed);

struct Candidate {
  std::size_t index = 0;  ///< in the source
  int direction = 1;      ///< +1: looks slower, -1: looks faster, 0: nothing is known, both are looked for
  double threshold = 0;   ///< log; smaller changes are none
};

struct ConfirmOptions {
  double alpha = 0.008;  ///< chance of any false SLOWER in a night; the same again for FASTER. Below 1 %, for the
                         ///< number of blocks follows the data, and t on all of them is exact only nearly
  int pilot = 8;         ///< blocks, from which the number is reckoned
  int batch = 4;         ///< blocks between two looks; even, so that each look sees whole ABBAs
  int cap = 48;
  double target = 0.01;       ///< log; a change of this size should be found, or twice the threshold if that is more
  double power = 0.90;        ///< with this probability
  double futility = 2.0;      ///< standard errors
  double trim = 0;            ///< share of the blocks left out at each end: where neighbours spoil whole runs, 0.2
  double equivalence = 0.01;  ///< log; SAME is a change shown to be within it
};

/// What the blocks say of one case.
///
/// Units  log ratios, above 0 is slower; the interval is of 95 %, two-sided.
struct Confirmed {
  std::size_t index = 0;
  int direction = 1;  ///< the one that was decided on; of a candidate of both, that of the effect
  Verdict verdict = Verdict::inconclusive;
  double effect = 0, low = 0, high = 0;
  double se = 0;
  double p = 1;           ///< of H0
  int blocks = 0;         ///< used
  int lost = 0;           ///< blocks in which one side gave no valid time
  int blocks_needed = 0;  ///< to decide a change of the size that was seen; 0: decided, or more than 10,000
  bool clocks = false;    ///< changed in seconds, not in cycles
  std::string reason;
};

/// Measures the candidates until each is decided, given up or at the cap. Errors  whatever the source throws.
std::vector<Confirmed> confirm(std::span<const Candidate> candidates, BlockSource& source,
                               const ConfirmOptions& options = {});

/// P-value of the blocks' sum being this large, if each block's sign were a coin's: exact, for at most 12 blocks, where
/// Student's t leans on normality most.
///
/// Errors  std::invalid_argument for none, or more than 12.
double sign_flip_p(std::span<const double> differences);

}  // namespace kernelgate

#pragma once
// The verdict on two results, case by case. Pure: no files, no printing.
//
// The rule; docs/verdicts.md says the same at leisure, decision.h holds its constants.
//
// The unit is the process run. Samples of one process share its memory layout, its clocks and its
// neighbours, so their number says nothing of how the next process will differ; it is never the n of a test.
//   y     of a run: on a GPU the log of the median of its samples; on a CPU, which neighbours only ever slow
//         down, of their lower quartile
//   d     = location(y of the new runs) - location(y of the base runs); the location is the median of the
//         runs on a GPU, their lower quartile on a CPU
//   s^2   = what the runs say of how they vary, shrunk to the prior of the device class; the prior alone
//         where each side is one run
//   SE    = s sqrt(e_b^2 / n_b + e_n^2 / n_n), e the price of the location against the mean
//   interval: d -+ t SE, Student's t with the prior's degrees of freedom and the sample's
// SLOWER  the interval's lower end is beyond the threshold, and at least half of d shows where no neighbour
//         is: in the runs' fastest samples (GPU), in the best run (CPU); and in clock cycles where both sides
//         know them. Slower code has no fast samples and no fast run.
//         Where both sides know the control, a fixed work timed beside the case, what is left of d after the
//         control's own slowdown must still clear the interval and the threshold: else it is the machine.
// FASTER  the mirror image.
// SAME    the interval of an equivalence test (one-sided 95 % each way) is within the margin.
// Otherwise INCONCLUSIVE, with what it would take.

#include <optional>
#include <string>
#include <vector>

#include "harness/error.h"
#include "harness/judge/side.h"
#include "harness/result/result.h"

namespace kernelgate {

enum class Verdict { same, faster, slower, inconclusive, not_comparable, invalid, no_baseline, skipped };

const char* to_string(Verdict verdict);  // "SAME", "NOT_COMPARABLE", ...

/// What is said of one case.
///
/// Units  seconds; ratios are new / base, so over 1 is slower.
struct CaseVerdict {
  std::string name;
  std::string op, problem, implementation, state, label;
  Verdict verdict = Verdict::inconclusive;
  bool wrong = false;                                  ///< the new output was wrong; then the verdict is INVALID
  std::optional<double> base_s, new_s;                 ///< median over process runs of the runs' medians
  std::optional<double> ratio, ratio_low, ratio_high;  ///< with its interval
  std::optional<double> detectable_ratio;              ///< smallest slowdown that this comparison would have called
  int base_runs = 0, new_runs = 0;
  std::optional<double> control_ratio;  ///< of the fixed work measured beside the case
  std::string reason;                   ///< why, and for INCONCLUSIVE what it would take
  std::string attribution;              ///< "clocks", "code", "environment", "injected"; empty when nothing is known
};

struct Comparison {
  std::vector<CaseVerdict> cases;
  std::vector<std::string> differences;  ///< of the fingerprints' identity fields, undeclared: not comparable
  std::vector<std::string> declared;     ///< differences that --vary allowed
  std::string base_description, new_description;
  std::string environment_shift;  ///< one line: the machine itself was slower or faster; empty: not seen

  /// The worst of: 2 a wrong result, 6 an invalid case, 5 not comparable, 3 SLOWER, 77 nothing but skipped
  /// cases, 4 INCONCLUSIVE when strict. NO_BASELINE alone is 0.
  ExitCode exit_code(bool strict) const;
};

struct CompareOptions {
  double threshold = 0.005;       ///< practical: smaller changes are SAME
  double confidence = 0.99;       ///< one-sided, per case
  std::vector<std::string> vary;  ///< identity fields that may differ: "driver"
  bool subset = false;            ///< cases of the base that the new side lacks were not asked for: say nothing
};

/// Errors  HarnessError(usage): an option out of range, or `vary` names what neither identity has.
Comparison compare(const Side& base, const Side& fresh, const CompareOptions& options);
Comparison compare(const Result& base, const Result& fresh, const CompareOptions& options);

/// The controls moved by more than this: the machine is another.
inline constexpr double control_shift = 0.03;

/// One line where at least half of the cases that know a control saw it move by more than `control_shift` the
/// same way; else empty.
std::string environment_shift(const std::vector<CaseVerdict>& cases);

/// For programs: every verdict with its numbers, the differences and the exit code.
nlohmann::json to_json(const Comparison& comparison, bool strict);

}  // namespace kernelgate

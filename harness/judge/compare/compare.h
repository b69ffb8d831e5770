#pragma once
// The verdict on two results, case by case. Pure: no files, no printing.
//
// The rule; docs/verdicts.md says the same at leisure, decision.h holds its constants.
//
// The unit is the process run, the night where a side has several, or the boot where the driver differs (units.h).
// Samples of one process share its memory layout, its clocks and its neighbours, so their number says nothing of how
// the next process will differ; it is never the n of a test.
//   y     of a unit: on a GPU the log of the median; on a CPU, which neighbours only ever slow down, of the lower
//   quartile d     = location(y of the new units) - location(y of the base's); the location is the median on a GPU, the
//   lower
//         quartile on a CPU
//   s^2   = what the units say of how they vary, shrunk to what is declared of the device class; that alone, taken as
//         known, where each side is one unit
//   SE^2  = s^2 (e_b^2 / n_b + e_n^2 / n_n) + 2 night^2: e the price of the location against the mean; night, declared,
//         where each side is of one night, which no number of its runs can tell from another
//   SE    is at least the scatter of all cases' d: the machine of one side may differ from the other's in ways that
//         neither side's runs show
// SLOWER  d is beyond the threshold (and two quanta of the timer): one-sided, Holm over the cases at 1 %; and at least
//         half of d shows where no neighbour is: in the runs' fastest samples (GPU), in the best run (CPU); and in
//         clock cycles where both sides know them. Slower code has no fast samples and no fast run. Where both sides
//         know the control, a fixed work timed beside the case, what is left of d after the control's own slowdown must
//         still clear the interval and the threshold: else it is the machine.
// FASTER  the mirror image.
// SAME    the interval of an equivalence test (one-sided 95 % each way) is within the margin.
// POSSIBLE  what would be SLOWER or FASTER, but one side is one process of a shared machine, or one value; or both are
//         a few of them, which neither order nor size proves (thin_runs.h): with what decides.
// Otherwise INCONCLUSIVE, with what it would take. Fresh blocks of both builds decide what two files can't
// (two_stage.h).

#include <optional>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/judge/compare/environment_shift.h"
#include "harness/result/result.h"
#include "harness/sides/side.h"

namespace kernelgate {

enum class Verdict { same, faster, slower, possible, inconclusive, not_comparable, invalid, no_baseline, skipped };

const char* to_string(Verdict verdict);  // "SAME", "NOT_COMPARABLE", ...

/// What is said of one case.
///
/// Units  seconds; ratios are new / base, so over 1 is slower.
struct CaseVerdict {
  std::string name;
  std::string op, problem, implementation, state, label;
  Verdict verdict = Verdict::inconclusive;
  bool wrong = false;  ///< the new output was wrong; then the verdict is INVALID
  /// What decides, so that new_s / base_s is `ratio`: over the units the median of their medians (GPU), the lower
  /// quartile of their lower quartiles (CPU); tonight's, where nights or blocks decide. Of what was not decided the
  /// median.
  std::optional<double> base_s, new_s;
  std::optional<double> ratio, ratio_low, ratio_high;  ///< with its interval
  std::optional<double> detectable_ratio;              ///< smallest slowdown that this comparison would have called
  std::optional<double> ratio_at_most;  ///< what it took at most; of all cases of the comparison at once, 95 % sure
  int base_runs = 0, new_runs = 0;
  std::optional<double> control_ratio;  ///< of the fixed work measured beside the case
  std::string reason;                   ///< why, and for INCONCLUSIVE what it would take
  std::string attribution;    ///< "clocks", "code", "environment", "machine", "injected"; empty when nothing is known
  std::string unit;           ///< what was counted: "run", "night", "boot", "block"; empty: nothing was decided
  bool machine = false;       ///< SLOWER as the control kernels were, and nothing was declared to differ: measure again
  bool with_suite = false;    ///< it moved as the whole suite did
  bool beside_suite = false;  ///< what was judged is its change beside the suite's
  bool possibly = false;      ///< no verdict, but in a list of possible changes of which a tenth may be false
  std::optional<bool>
      equal_code;  ///< the machine code of both sides is the same: a known A against A; empty: not known
};

/// Comparisons of a thing with itself, as equal code on both sides: what is called changed among them is a false alarm.
struct KnownEqual {
  int compared = 0, slower = 0, faster = 0;
};

KnownEqual known_equal(const std::vector<CaseVerdict>& cases);

struct Comparison {
  std::vector<CaseVerdict> cases;
  std::vector<std::string> differences;  ///< of the fingerprints' identity fields, undeclared: not comparable
  std::vector<std::string> declared;     ///< differences that --vary allowed
  std::string base_description, new_description;
  std::vector<std::string> base_notes;  ///< of a baseline: expired, stale, hand-made; one line each
  bool base_expired = false;
  KnownEqual known_equal;
  std::string known_equal_so_far;  ///< one line: this device's false alarms so far; empty: not kept
  std::vector<std::string>
      also_differs;               ///< host and clock of other tools' files: no identity, but may explain a change
  std::string suite_shift;        ///< one line: all cases moved alike; empty: they did not
  std::string environment_shift;  ///< one line: the machine itself was slower or faster; empty: not seen
  std::string controls_unknown;   ///< one line: which control kernels one side lacks; empty: none
  std::vector<ControlMove> controls;

  /// The worst of: 2 a wrong result, 6 an invalid case or SLOWER by the machine, 5 not comparable, 3 SLOWER, 77 nothing
  /// but skipped cases, 4 INCONCLUSIVE, POSSIBLE or an expired baseline, when strict. NO_BASELINE alone is 0.
  ExitCode exit_code(bool strict) const;
};

/// How cautious the rules are. Nobody but the studies changes it, to see what another caution would do.
struct Caution {
  /// What is assumed of the spread of single values counts as so many observations, and its quantiles are those of so
  /// many (thin_runs.h).
  double assumed_df = 2;
  /// So many times as far as any earlier nights a change must be: of heavy tails the farthest yet is not the farthest.
  double farther = 1.5;
};

struct CompareOptions {
  double threshold = 0.005;                     ///< practical: smaller changes are SAME
  double confidence = 0.99;                     ///< that no case is called SLOWER that is not; the same for FASTER
  std::vector<std::string> vary;                ///< identity fields that may differ: "driver"
  std::optional<double> run_sd = std::nullopt;  ///< of log time between runs, as this device was calibrated
  std::string device_class = {};                ///< "hosted", "own", "gpu"; empty: as the new side says
  bool same_night = false;                      ///< both sides were measured by turns: no night lies between them
  bool subset = false;        ///< cases of the base that the new side lacks were not asked for: say nothing
  bool across_boots = false;  ///< each boot counts as one, whatever differs between the sides
  Caution caution = {};
};

/// Errors  HarnessError(usage): an option out of range.
void check_options(const CompareOptions& options);

/// Errors  HarnessError(usage): an option out of range, or `vary` names what neither identity has.
Comparison compare(const Side& base, const Side& fresh, const CompareOptions& options);
Comparison compare(const Result& base, const Result& fresh, const CompareOptions& options);

/// For programs: every verdict with its numbers, the differences and the exit code.
nlohmann::json to_json(const Comparison& comparison, bool strict);

}  // namespace kernelgate

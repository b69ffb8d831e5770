#pragma once
// The statistics of two sides, from what runs they hold to verdicts. The rule is in compare.h.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/judge/compare/compare.h"
#include "harness/judge/compare/device_class.h"
#include "harness/judge/compare/run_location.h"
#include "harness/judge/compare/units.h"

namespace kernelgate {

/// A case's verdict with its names, and nothing decided yet.
CaseVerdict undecided(const SideCase&);

/// As many degrees of freedom as six samples' worth: limma's order of magnitude for shrinking variances.
inline constexpr double prior_df = 6;
/// The equivalence test's one-sided confidence, each way.
inline constexpr double equivalence_confidence = 0.95;
/// This share of an effect must show in the fastest samples, and in cycles, before it is believed.
inline constexpr double corroborated_share = 0.5;
/// Of a change to be called detectable, and of intervals (two-sided).
inline constexpr double detectable_power = 0.90, interval_confidence = 0.95;
/// That no case of a suite took more than what is said that it took at most.
inline constexpr double bound_confidence = 0.95;
/// Of the list of possible changes.
inline constexpr double false_discovery_rate = 0.10;
/// Boots a side; from fewer the spread between boots can't be told, and the declared one stands as its floor.
inline constexpr std::size_t fewest_boots = 5;
/// Cases; from fewer the suite's own scatter can't be told.
inline constexpr std::size_t fewest_for_scatter = 8;

/// Student's quantiles, each computed once.
class StudentTable {
 public:
  double operator()(double p, double df);

 private:
  std::map<std::pair<double, double>, double> known_;
};

/// What two sides say of one case, before it is known how the rest of the suite moved.
///
/// Units  logarithms of ratios, new over base: above 0 is slower.
struct Evidence {
  double base_level = 0, new_level = 0;  ///< log seconds, of what `effect` is the difference
  double effect = 0;
  double se = 0;
  double own_se = 0;   ///< what the sides' own units leave open
  double between = 0;  ///< variance that is declared for what none of them shows: the night between the sides
  double df = 0;       ///< infinite where only what is declared is known
  Unit unit = Unit::run;
  std::size_t base_units = 0, new_units = 0;
  double unit_sd = 0;
  double own_squares = 0, own_df = 0;  ///< what the units themselves say of their variance
  double known_se = 0;  ///< by what is declared alone, where the units vary no more than that; 0: they do
  double common = 0;    ///< what the whole suite moved by, and `effect` is without
  bool thin = false;    ///< of runs that say nothing of their own spread
  /// Of thin runs (thin_runs.h): by what is declared alone, and the chance of the units' order.
  double declared_se = 0, declared_df = 0, order_slower = 1, order_faster = 1;
  double threshold = 0;           ///< practical, and two quanta of the timer
  double undisturbed = 0;         ///< what of the effect shows where no neighbour is
  std::optional<double> cycles;   ///< the effect in clock cycles
  std::optional<double> control;  ///< the control's own change
};

/// Errors  std::invalid_argument when a side has no runs.
Evidence weigh(std::span<const RunSummary> base, std::span<const RunSummary> fresh, const DeviceClass& device,
               const CompareOptions& options, bool across_boots = false);

/// On a shared machine: what all cases moved by is taken off each, and each case's spread is learned from the suite's
/// (squeezed_variances), for what is declared of runners is wide. Nothing else is changed.
std::vector<Evidence> beside_the_suite(std::span<const Evidence> suite, const DeviceClass& device);

/// How the effects of a suite scatter about their middle, from the closest half of them: cases that really changed
/// don't widen it unless they are most. It holds what no run of one night can show: how the machine differed between
/// the sides.
struct Scatter {
  double sd = 0;
  double df = 0;         ///< 0: not known
  double by_chance = 1;  ///< so many times the truth it is by chance alone, once in 20
};
Scatter scatter_of(std::span<const double> effects);

/// For SAME alone: what is declared of the nights gives way to what the suite shows, but for a quarter. SLOWER stays
/// with what is declared, for a night that moved all cases alike doesn't scatter them.
double equivalence_se(const Evidence& one, const Scatter& scatter, double typical_own_se);

struct Decision {
  Verdict verdict = Verdict::inconclusive;
  double ratio = 1, ratio_low = 1, ratio_high = 1, detectable_ratio = 1;
  double ratio_at_most = 1;           ///< one-sided, Bonferroni over the suite
  double p_slower = 1, p_faster = 1;  ///< of a change not beyond the threshold
  bool possibly = false;  ///< in a list of which a tenth may be false (Benjamini and Hochberg); never a verdict
  std::string reason;
  bool clocks = false;                  ///< the change is in seconds and not in cycles
  bool environment = false;             ///< the change is the machine's: the control moved too
  double common = 0;                    ///< of the whole suite: what is judged is the change beside it
  std::optional<double> control_ratio;  ///< new over base; where every run of both sides knows the control
};

/// The verdicts of a suite: Holm over its cases, each direction by itself.
///
/// Shapes  one decision a piece of evidence.
std::vector<Decision> decide(std::span<const Evidence> suite, const Scatter& scatter, const DeviceClass& device,
                             const CompareOptions& options, StudentTable& table);

/// Of one case alone.
Decision decide(std::span<const RunSummary> base, std::span<const RunSummary> fresh, const DeviceClass& device,
                const CompareOptions& options, StudentTable& table);

}  // namespace kernelgate

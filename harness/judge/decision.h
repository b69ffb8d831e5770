#pragma once
// The statistics of one case: from the run summaries of both sides to a verdict. The rule is in compare.h.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "harness/judge/compare.h"
#include "harness/judge/run_location.h"

namespace kernelgate {

/// What is believed of a kind of device before it was measured.
struct DeviceClass {
  const char* kind;
  double run_sd;       ///< of log time between process runs of the same thing, a prior
  double equivalence;  ///< changes within it count as none
  Noise noise;         ///< one_sided: neighbours only ever slow it down
};

/// The declared classes. `run_sd` is meant to be conservative, since with one run a side it is all there is.
///   cuda 0.5 %: "typical" of the noise models in use for GPUs (0.2 % on a quiet machine with locked
///        clocks, 0.5 % typical, 1 % noisy); below it, a 1 % change can be seen in a few runs.
///   cpu 1.5 %: dedicated machines stay below 2 % and shared CI runners reach 30 % (Bencher's README);
///        1.5 % is the largest with which one run a side still calls a 10 % slowdown: at confidence 99 %
///        and 6 degrees of freedom that takes 3.14 * sqrt(2) * 1.5 % + 0.5 % = 7.2 %.
/// The priors are declared, not measured: calibrating replaces them. That a CPU's noise is one-sided was
/// seen: 14 cases in 20 runs on a shared 2-core machine agree to 0.2 to 1 % (MAD of the runs' lower
/// quartiles) but for one run in four, slower by 2 to 97 %.
const DeviceClass& device_class(std::string_view kind);

/// As many degrees of freedom as six samples' worth: limma's order of magnitude for shrinking variances.
inline constexpr double prior_df = 6;
/// The equivalence test's one-sided confidence, each way.
inline constexpr double equivalence_confidence = 0.95;
/// This share of an effect must show in the fastest samples, and in cycles, before it is believed.
inline constexpr double corroborated_share = 0.5;

/// Student's quantiles, each computed once.
class StudentTable {
 public:
  double operator()(double p, double df);

 private:
  std::map<std::pair<double, double>, double> known_;
};

struct Decision {
  Verdict verdict = Verdict::inconclusive;
  double ratio = 1, ratio_low = 1, ratio_high = 1, detectable_ratio = 1;
  std::string reason;
  bool clocks = false;                  ///< the change is in seconds and not in cycles
  bool environment = false;             ///< the change is the machine's: the control moved too
  std::optional<double> control_ratio;  ///< new over base; where every run of both sides knows the control
};

/// Errors  std::invalid_argument when a side has no runs.
Decision decide(std::span<const RunSummary> base, std::span<const RunSummary> fresh, const DeviceClass& device,
                const CompareOptions& options, StudentTable& table);

}  // namespace kernelgate

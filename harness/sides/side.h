#pragma once
// One side of a comparison: what is left of a result, or was kept in a baseline.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/result/result.h"

namespace kernelgate {

/// A run with fewer samples has no quartiles worth the name, and is INVALID.
inline constexpr std::size_t min_samples_per_run = 5;

/// No processor does anything in less: a cycle at 6.7 GHz.
inline constexpr double shortest_cycle_s = 1.5e-10;

/// What a run's threads used of the processors, where that is known. The wall's times hold what neighbours took, too.
///
/// Units  seconds, of one launch.
struct ProcessorTime {
  double median_s = 0, q1_s = 0, q3_s = 0;
  double preempted = 0;  ///< share of the samples during which somebody else had a core that the run wanted
};

/// All that a comparison needs of one case in one process run.
///
/// Units  seconds; hertz.
struct RunSummary {
  double median_s = 0, q1_s = 0, q3_s = 0;
  std::size_t samples = 0;
  std::optional<double> clock_hz = std::nullopt;   ///< median SM clock
  std::optional<double> control_s = std::nullopt;  ///< lower quartile of the control's samples
  double quantum_s = 0;    ///< step of the timer as its samples show it, a launch; 0: too fine to show
  std::string night = {};  ///< which night, noon to noon UTC, as the date it began; empty: not known
  std::string boot = {};   ///< which start of the system; empty: not known
  std::optional<ProcessorTime> processor = std::nullopt;
};

/// SideCase::figure of what has nothing but means.
inline constexpr const char* figure_means = "means";

struct SideCase {
  std::string name, op, problem, implementation, origin, state, label;
  CaseStatus status = CaseStatus::measured;
  std::string reason;
  double flop = 0, bytes = 0;
  bool injected = false;
  std::string code_hash;         ///< empty: not known
  std::vector<RunSummary> runs;  ///< none unless status is `measured`
  /// What its figures are, where that may differ between cases of one tool: "medians", "means"; only equals are
  /// compared.
  std::string figure = {};
  std::vector<RunSummary> by_mean = {};  ///< the same runs by their means, for a side that has no better
  std::string remedy = {};               ///< why these runs know little, and what would help; empty: they know enough
};

/// A control kernel in one process run: medians.
///
/// Units  seconds.
struct ControlSummary {
  std::string name;
  double first_s = 0, last_s = 0;  ///< before the first case, after the last
  std::string night;
};

struct Side {
  std::string description;  ///< one line for a person
  std::string device_kind, device;
  nlohmann::json fingerprint, build;
  std::vector<SideCase> cases;
  std::vector<ControlSummary> controls;
  std::string source = "kernelgate";    ///< whose figures these are: ours, or another tool's; never compared across
  bool provisional = false;             ///< a baseline of too few nights or boots
  bool expired = false;                 ///< a baseline that is to be looked at again
  std::vector<std::string> notes = {};  ///< what else is to be said of it, one line each
  std::string started_utc = {};         ///< empty: not known
};

/// A case with no runs, too few samples, or a sample that is no time becomes `invalid`, with the reason.
Side side_of(const Result& result);

/// The smallest step between samples, where so many are equal that the timer must be coarse; else 0: samples of a fine
/// timer are seldom equal, and their smallest distance says nothing.
double timer_quantum(std::vector<double> samples);

/// The median over runs of the runs' medians. Errors  std::invalid_argument without runs.
double median_s(std::span<const RunSummary> runs);

}  // namespace kernelgate

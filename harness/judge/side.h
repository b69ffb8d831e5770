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

/// All that a comparison needs of one case in one process run.
///
/// Units  seconds; hertz.
struct RunSummary {
  double median_s = 0, q1_s = 0, q3_s = 0;
  std::size_t samples = 0;
  std::optional<double> clock_hz;                  ///< median SM clock
  std::optional<double> control_s = std::nullopt;  ///< lower quartile of the control's samples
};

struct SideCase {
  std::string name, op, problem, implementation, origin, state, label;
  CaseStatus status = CaseStatus::measured;
  std::string reason;
  double flop = 0, bytes = 0;
  bool injected = false;
  std::vector<RunSummary> runs;  ///< none unless status is `measured`
};

struct Side {
  std::string description;  ///< one line for a person
  std::string device_kind, device;
  nlohmann::json fingerprint, build;
  std::vector<SideCase> cases;
};

/// A case with no runs, too few samples, or a sample that is no time becomes `invalid`, with the reason.
Side side_of(const Result& result);

/// The median over runs of the runs' medians. Errors  std::invalid_argument without runs.
double median_s(std::span<const RunSummary> runs);

}  // namespace kernelgate

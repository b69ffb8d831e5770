#pragma once
// Every case of a report with all that is known of it, whatever the report is of: what formats for programs and the
// page are made of.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "harness/report/reporter.h"

namespace kernelgate {

/// Points into what the report points to.
///
/// Units  seconds of one launch.
struct CaseRow {
  std::string name, op, problem, label, implementation, origin, state;
  const CaseResult* measured = nullptr;       ///< with its samples, where they are known
  const CaseResult* base_measured = nullptr;  ///< the base's
  const SideCase* fresh = nullptr;
  const SideCase* base = nullptr;
  const CaseVerdict* verdict = nullptr;
  CaseStatus status = CaseStatus::measured;
  std::string reason;                                 ///< of the verdict; where there is none, why it was not measured
  std::optional<double> median_s;                     ///< over process runs of each run's median
  std::optional<double> min_s, p95_s, p99_s, mean_s;  ///< of all samples
  std::size_t runs = 0, samples = 0;
  double flop = 0, bytes = 0;
  std::optional<double> vs_peer;  ///< the best peer's median over this one

  /// "SLOWER"; without a comparison how the measuring ended: "MEASURED", "SKIPPED", "WRONG", "INVALID", "ERROR".
  std::string word() const;
  std::optional<double> per_second(double amount) const;  ///< of `flop` or `bytes`, where both are known
};

/// A run's cases in its order, then what the comparison has besides; of a comparison alone, its own.
std::vector<CaseRow> case_rows(const Report& report);

}  // namespace kernelgate

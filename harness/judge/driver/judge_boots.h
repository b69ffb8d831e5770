#pragma once
// Boots with one driver against boots with another: the verdicts, beside what the control kernels say of each boot.

#include <optional>
#include <set>
#include <span>
#include <string>

#include "harness/judge/driver/upgrade.h"

namespace kernelgate {

struct JudgedBoots {
  Side base, fresh;                    ///< as they were judged
  Side measured_base, measured_fresh;  ///< as they were measured
  BesideControls controls;
  Comparison comparison;
};

/// `only`: these cases alone, so that they are all that is corrected for; empty: all. Errors  as compare().
JudgedBoots judge_boots(std::span<const Result> base, std::span<const Result> fresh, const CompareOptions& options,
                        const std::set<std::string>& only = {});

/// The geometric mean over the cases that both sides measured in every run; nothing where there is none.
std::optional<UpgradeMean> mean_over_cases(const JudgedBoots& judged, const CompareOptions& options);

}  // namespace kernelgate

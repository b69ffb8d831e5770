#pragma once
// The check's report for a person: the verdict and what to do first, the ladder, the findings with evidence and
// remedies, the facts.

#include <string>
#include <vector>

#include "harness/check/check.h"
#include "harness/check/require/requirements.h"

namespace kernelgate {

std::string check_text(const CheckReport& report, const CheckOptions& options,
                       const std::vector<RequirementOutcome>& requirements);

/// One finding: severity, id, summary, then evidence and remedies, indented.
std::string finding_text(const Finding& finding);

}  // namespace kernelgate

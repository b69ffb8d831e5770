#pragma once
// The check's report for a person: the verdict and what to do first, the ladder, the findings with evidence and
// remedies, the facts.

#include <string>
#include <vector>

#include "harness/check/check.h"
#include "harness/check/require/requirements.h"

namespace kernelgate {

/// `refusal`: the headline where the check refuses a machine that is well; the machine's own comes after it.
std::string check_text(const CheckReport& report, const CheckOptions& options,
                       const std::vector<RequirementOutcome>& requirements, const std::string& refusal = "");

/// One finding: severity, id, summary, then evidence and remedies, indented.
std::string finding_text(const Finding& finding);

}  // namespace kernelgate

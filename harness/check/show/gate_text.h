#pragma once
// The gate's report for a person: the verdict and what to do first, the ladder, the findings with evidence and
// remedies, the facts.

#include <string>

#include "harness/check/gate.h"
#include "harness/check/require/requirements.h"

namespace kernelgate {

std::string gate_text(const GateReport& report, const GateOptions& options,
                      const std::vector<RequirementOutcome>& requirements);

/// One finding: severity, id, summary, then evidence and remedies, indented.
std::string finding_text(const Finding& finding);

}  // namespace kernelgate

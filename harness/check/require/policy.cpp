// Policies: evaluated on a machine.
#include "harness/check/require/policy.h"

#include <fmt/core.h>

#include <algorithm>

namespace kernelgate {
const char* to_string(PolicySeverity severity) {
  switch (severity) {
    case PolicySeverity::warn:
      return "warn";
    case PolicySeverity::fail:
      return "fail";
    case PolicySeverity::info:
      break;
  }
  return "info";
}

bool PolicyOutcome::holds() const {
  return std::ranges::all_of(required, [](const RequirementOutcome& outcome) { return outcome.met; });
}

std::string PolicyOutcome::why() const {
  std::string text;
  for (const RequirementOutcome& outcome : required) {
    if (outcome.met) continue;
    text += fmt::format("{}{} is {} ({})", text.empty() ? "" : "; ", outcome.requirement.text(), state_text(outcome),
                        outcome.actual);
  }
  return text;
}

ExitCode PolicyReport::exit_code(bool strict) const {
  const PolicySeverity least = strict ? PolicySeverity::warn : PolicySeverity::fail;
  const bool broken = std::ranges::any_of(
      lines, [&](const PolicyOutcome& outcome) { return outcome.line.severity >= least && !outcome.holds(); });
  return broken ? ExitCode::refused : ExitCode::good;
}

PolicyReport evaluate_policy(const Policy& policy, const Environment& environment, const CompatDb& compat,
                             const std::string& today) {
  PolicyReport report{policy, {}};
  for (const PolicyLine& line : policy.lines) {
    report.lines.push_back({line, evaluate(line.require, environment, compat, today)});
  }
  return report;
}

}  // namespace kernelgate

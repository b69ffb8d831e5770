// Policies: evaluated on a machine.
#include "harness/check/require/policy.h"

#include <algorithm>

namespace kernelgate {
namespace {

bool all_met(const std::vector<RequirementOutcome>& outcomes) {
  return std::ranges::all_of(outcomes, [](const RequirementOutcome& outcome) { return outcome.met; });
}

}  // namespace

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

const char* to_string(LineState state) {
  switch (state) {
    case LineState::incomplete:
      return "incomplete";
    case LineState::outdated:
      return "outdated";
    case LineState::wrong:
      return "wrong";
    case LineState::right:
      break;
  }
  return "right";
}

std::vector<RequirementOutcome> PolicyOutcome::decisive() const {
  const LineState state = line.judgement ? line.judgement->state : LineState::right;
  if (state == LineState::right) return required;
  if (state != LineState::incomplete) return instead;
  std::vector<RequirementOutcome> both = required;
  both.insert(both.end(), instead.begin(), instead.end());
  return both;
}

bool PolicyOutcome::holds() const { return all_met(decisive()); }

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
    PolicyOutcome outcome{line, evaluate(line.require, environment, compat, today), {}};
    if (line.judgement) outcome.instead = evaluate(line.judgement->instead, environment, compat, today);
    report.lines.push_back(std::move(outcome));
  }
  return report;
}

}  // namespace kernelgate

// A check's exit code, and the registry of the formats that show it.
#include "harness/check/show/check_format.h"

#include <fmt/core.h>

namespace kernelgate {

std::vector<std::string> Check::refusals() const {
  std::vector<std::string> all;
  for (const RequirementOutcome& outcome : requirements) {
    if (!outcome.met)
      all.push_back(fmt::format("required {}, there is {}", outcome.requirement.text(), outcome.actual));
  }
  const PolicySeverity least = strict ? PolicySeverity::warn : PolicySeverity::fail;
  for (const PolicyOutcome& line : policy ? policy->lines : std::vector<PolicyOutcome>{}) {
    if (line.line.severity < least || line.holds()) continue;
    all.push_back(fmt::format("policy {}, {}: {}", policy->policy.name, line.line.id, line.why()));
  }
  for (const Finding& finding : report.findings) {
    const bool refuses = strict && report.gpu_usable && finding.severity == Severity::warning;
    if (refuses) all.push_back(fmt::format("strict, {}: {}", finding.id, finding.summary));
  }
  return all;
}

std::string Check::headline() const {
  const std::vector<std::string> all = refusals();
  if (all.empty() || (report.gpu_present && !report.gpu_usable)) return report.headline;
  return fmt::format("REFUSED: {}{}", all.front(), all.size() > 1 ? fmt::format("; and {} more", all.size() - 1) : "");
}

ExitCode Check::exit_code() const {
  ExitCode code = report.exit_code(strict);
  for (const RequirementOutcome& outcome : requirements) {
    if (!outcome.met) code = worse(code, ExitCode::refused);
  }
  return policy ? worse(code, policy->exit_code(strict)) : code;
}

NamedRegistry<NamedCheckFormat>& check_formats() {
  static NamedRegistry<NamedCheckFormat> all("check format");
  return all;
}

const CheckFormat& find_check_format(std::string_view name) { return *check_formats().find(name).format; }

}  // namespace kernelgate

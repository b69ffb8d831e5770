// A check's exit code, and the registry of the formats that show it.
#include "harness/check/show/check_format.h"

namespace kernelgate {

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

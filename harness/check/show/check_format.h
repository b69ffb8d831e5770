#pragma once
// How a check is shown: one format, one file, which registers itself.

#include <optional>
#include <ostream>
#include <string_view>
#include <vector>

#include "harness/base/registry.h"
#include "harness/check/check.h"
#include "harness/check/require/policy.h"
#include "harness/check/require/requirements.h"

namespace kernelgate {

/// One check: what was found, and what was asked of it.
struct Check {
  CheckReport report;
  CheckOptions options;
  std::vector<RequirementOutcome> requirements;
  std::optional<PolicyReport> policy;
  bool strict = false;

  /// Why this check refuses the machine although its GPU is usable, or has none: each thing required that is not met,
  /// each line of the policy that counts and does not hold, and under `strict` each warning. One line each.
  std::vector<std::string> refusals() const;

  /// The verdict in one line: the refusal where there is one, else the machine's.
  std::string headline() const;

  /// The check's code; 5 for a requirement that is not met, and what the policy says.
  ExitCode exit_code() const;
};

class CheckFormat {
 public:
  virtual ~CheckFormat() = default;
  virtual void write(std::ostream& out, const Check& check) const = 0;
  /// What the process ends with; the program's own codes unless the format's readers expect others.
  virtual int status(const Check& check) const { return static_cast<int>(check.exit_code()); }
};

struct NamedCheckFormat {
  std::string_view name, description;
  const CheckFormat* format;
};

NamedRegistry<NamedCheckFormat>& check_formats();

/// `const RegisterCheckFormat format_registered{{"nagios", "a plugin's line", &format}};` at file scope.
using RegisterCheckFormat = Registered<NamedCheckFormat, check_formats>;

/// Errors  HarnessError (usage): no such format, with those there are.
const CheckFormat& find_check_format(std::string_view name);

}  // namespace kernelgate

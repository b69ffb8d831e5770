#pragma once
// A policy: what a document or a site asks of a machine, line by line.

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/base/error.h"
#include "harness/check/require/requirements.h"

namespace kernelgate {

enum class PolicySeverity { info, warn, fail };

const char* to_string(PolicySeverity severity);

struct PolicyLine {
  std::string id;
  std::string text;  ///< what the document says, in words
  PolicySeverity severity = PolicySeverity::info;
  std::vector<Requirement> require;
};

struct Policy {
  std::string name, description, as_of;
  std::vector<PolicyLine> lines;
};

struct PolicyOutcome {
  PolicyLine line;
  std::vector<RequirementOutcome> required;

  bool holds() const;       ///< all that it requires is met
  std::string why() const;  ///< what it requires and is not met, and what is there; empty where it holds
};

struct PolicyReport {
  Policy policy;
  std::vector<PolicyOutcome> lines;

  /// refused where a line of severity `fail` does not hold, and with `strict` also one of `warn`.
  ExitCode exit_code(bool strict) const;
};

/// Format: policies/policy.schema.json.  Errors  HarnessError (usage): one line with file, line and field.
Policy parse_policy(std::string_view text, const std::string& file);

/// One of the shipped policies by its name, or a file (a path with '/' or ending in ".json").
Policy load_policy(const std::string& name_or_path);

std::string shipped_policy_names();  // "acceptance, heygem"

PolicyReport evaluate_policy(const Policy& policy, const Environment& environment,
                             const CompatDb& compat = CompatDb::shipped(), const std::string& today = "");

std::string policy_text(const PolicyReport& report);
nlohmann::json to_json(const PolicyReport& report);

}  // namespace kernelgate

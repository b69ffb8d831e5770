#pragma once
// A policy: what a document or a site asks of a machine, line by line, and what is to be thought of each line.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/check/require/requirements.h"

namespace kernelgate {

enum class PolicySeverity { info, warn, fail };
enum class LineState { right, incomplete, outdated, wrong };

const char* to_string(PolicySeverity severity);
const char* to_string(LineState state);

/// What is to be thought of a line, today. `instead` holds in its place; it may be empty.
struct LineJudgement {
  LineState state = LineState::right;
  std::string why, source;
  std::string instead_text;
  std::vector<Requirement> instead;
};

struct PolicyLine {
  std::string id;
  std::string text;  ///< what the document says, in words
  PolicySeverity severity = PolicySeverity::info;
  std::string require_text;  ///< empty: a statement that no fact decides
  std::vector<Requirement> require;
  std::optional<LineJudgement> judgement;
};

struct Policy {
  std::string name, description, as_of;
  std::vector<PolicyLine> lines;
};

struct PolicyOutcome {
  PolicyLine line;
  std::vector<RequirementOutcome> required;
  std::vector<RequirementOutcome> instead;

  /// What counts. A line that is right, or not judged: what it requires. Incomplete: that, and what is given
  /// instead. Outdated or wrong: only what is given instead; the line as it stands refuses nobody.
  std::vector<RequirementOutcome> decisive() const;
  bool holds() const;  ///< everything decisive is met
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

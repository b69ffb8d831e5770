// Policies: read from their files, and reported for programs and for people.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "harness/base/json/strict_json.h"
#include "harness/base/printable.h"
#include "harness/check/knowledge/embedded_texts.h"
#include "harness/check/require/policy.h"

namespace kernelgate {
namespace {

constexpr int policy_schema_version = 1;

template <class Enum>
Enum enum_of(const std::string& name, std::initializer_list<Enum> all) {
  return *std::ranges::find_if(all, [&](Enum one) { return name == to_string(one); });
}

PolicyLine read_line(const nlohmann::json& entry, const std::string& where) {
  ObjectReader object(entry, where);
  PolicyLine line;
  line.id = object.text("id");
  line.text = object.text("text");
  line.severity = enum_of(object.choice("severity", {"info", "warn", "fail"}),
                          {PolicySeverity::info, PolicySeverity::warn, PolicySeverity::fail});
  // The grammar's own message names the piece; ours adds where it stands.
  line.require = parse_requirements(object.text("require"), object.where() + ", field \"require\"");
  object.finish();
  return line;
}

const char* symbol_of(const std::vector<RequirementOutcome>& outcomes) {
  const char* worst = "met";
  for (const RequirementOutcome& outcome : outcomes) {
    if (!outcome.known && std::string_view(worst) == "met") worst = "UNKNOWN";
    if (outcome.known && !outcome.met) worst = "NOT MET";
  }
  return worst;
}

std::string outcomes_text(const std::vector<RequirementOutcome>& outcomes) {
  std::string text;
  for (const RequirementOutcome& outcome : outcomes) {
    const std::string_view prefix = "unknown: ";  // said by the state already
    const std::string_view actual = outcome.actual;
    text += fmt::format("      {}: {} ({})\n", outcome.requirement.text(), state_text(outcome),
                        actual.substr(actual.starts_with(prefix) ? prefix.size() : 0));
  }
  return text;
}

}  // namespace

Policy parse_policy(std::string_view text, const std::string& file) {
  const nlohmann::json document = parse_strict_json(text, file);
  const std::string where = printable(file, 120);
  ObjectReader object(document, where);
  if (object.integer("schema_version", 0, 1 << 30) != policy_schema_version) {
    object.refuse("schema_version", fmt::format("must be {}; this program reads no other", policy_schema_version));
  }
  Policy policy;
  policy.name = object.text("name");
  policy.description = object.text("description");
  policy.as_of = object.date("as_of");
  std::map<std::string, int> known;
  int number = 0;
  for (const nlohmann::json& entry : object.list("lines")) {
    const std::string line = fmt::format("{}: line {}", where, ++number);
    policy.lines.push_back(read_line(entry, line));
    const auto [twin, is_new] = known.emplace(policy.lines.back().id, number);
    if (!is_new) {
      throw HarnessError(ExitCode::usage, fmt::format("{}, field \"id\": line {} has the same", line, twin->second));
    }
  }
  object.finish();
  return policy;
}

std::string shipped_policy_names() {
  std::string names;
  for (const EmbeddedText& one : policy_texts()) names += (names.empty() ? "" : ", ") + std::string(one.name);
  return names;
}

Policy load_policy(const std::string& name_or_path) {
  if (name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".json")) {
    return parse_policy(read_user_file(name_or_path), name_or_path);
  }
  std::vector<std::string> names;
  for (const EmbeddedText& one : policy_texts()) {
    if (one.name == name_or_path) return parse_policy(one.text, name_or_path + ".json");
    names.emplace_back(one.name);
  }
  const std::string meant = nearest_word(name_or_path, names);
  throw HarnessError(
      ExitCode::usage,
      fmt::format("--policy: there is no policy '{}'{}; there are {}, or give a FILE.json", printable(name_or_path),
                  meant.empty() ? "" : "; did you mean " + meant + "?", shipped_policy_names()));
}

std::string policy_text(const PolicyReport& report) {
  std::string text =
      fmt::format("policy {} (as of {}): {}\n", report.policy.name, report.policy.as_of, report.policy.description);
  for (const PolicyOutcome& outcome : report.lines) {
    const PolicyLine& line = outcome.line;
    text += fmt::format("  {:<8}{:<4} {:<5} {}\n", symbol_of(outcome.required), to_string(line.severity), line.id,
                        line.text);
    text += outcomes_text(outcome.required);
  }
  const auto broken = [&](PolicySeverity severity) {
    return std::ranges::count_if(report.lines, [&](const PolicyOutcome& outcome) {
      return outcome.line.severity == severity && !outcome.holds();
    });
  };
  return text + fmt::format("  {} lines; {} refuse this machine, {} warn\n", report.lines.size(),
                            broken(PolicySeverity::fail), broken(PolicySeverity::warn));
}

nlohmann::json to_json(const PolicyReport& report) {
  nlohmann::json lines = nlohmann::json::array();
  for (const PolicyOutcome& outcome : report.lines) {
    const PolicyLine& line = outcome.line;
    lines.push_back({{"id", line.id},
                     {"text", line.text},
                     {"severity", to_string(line.severity)},
                     {"required", to_json(outcome.required)},
                     {"holds", outcome.holds()}});
  }
  return {{"name", report.policy.name},
          {"description", report.policy.description},
          {"as_of", report.policy.as_of},
          {"lines", lines}};
}

}  // namespace kernelgate

// What a user requires of the machine.
#include "harness/check/require/requirements.h"

#include <fmt/core.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/printable.h"
#include "harness/base/trimmed.h"
#include "harness/check/require/requirement_keys.h"

namespace kernelgate {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

/// Not line ends: a requirement is a line.
constexpr std::string_view within_a_line = " \t";

[[noreturn]] void refuse(const std::string& source, std::string_view piece, const std::string& why) {
  throw HarnessError(ExitCode::usage, fmt::format("{}: '{}': {}", source, printable(piece), why));
}

std::string example_and_keys() {
  return "write, for example, driver>=580.65.06; the keys are " + requirement_key_names();
}

[[noreturn]] void refuse_key(const std::string& source, const std::string& piece, const std::string& name) {
  std::vector<std::string> known;
  for (const RequirementKey& key : requirement_keys()) known.emplace_back(key.name);
  const std::string meant = nearest_word(name, known);
  if (meant.empty())
    refuse(source, piece, fmt::format("'{}' is not known; {}", printable(name, 30), example_and_keys()));
  refuse(source, piece,
         fmt::format("'{}' is not known; did you mean {}? write, for example, {}", printable(name, 30), meant,
                     find_requirement_key(meant)->example));
}

bool allowed(Relations relations, const std::string& relation) {
  static const std::string_view all[] = {">=", ">", "<=", "<", "==", "!="};
  if (std::ranges::find(all, relation) == std::end(all)) return false;
  if (relations == Relations::at_least) return relation == ">=";
  if (relations == Relations::one_of) return relation == "==";
  return relations == Relations::ordered || relation == "==" || relation == "!=";
}

Requirement parse_one(const std::string& piece, const std::string& source) {
  const std::size_t at = piece.find_first_of("<>=!");
  if (at == std::string::npos) refuse(source, piece, "there is no relation; " + example_and_keys());
  const std::size_t end = std::min(piece.find_first_not_of("<>=!", at), piece.size());
  Requirement requirement{std::string(trimmed(piece.substr(0, at), within_a_line)), piece.substr(at, end - at), ""};
  const RequirementKey* key = find_requirement_key(requirement.key);
  if (!key) refuse_key(source, piece, requirement.key);
  if (requirement.relation == "=") requirement.relation = key->relations == Relations::at_least ? ">=" : "==";
  if (!allowed(key->relations, requirement.relation)) {
    refuse(source, piece,
           fmt::format("'{}' does not fit {}; write, for example, {}", printable(requirement.relation, 20), key->name,
                       key->example));
  }
  const std::vector<std::string_view> values = split(std::string_view(piece).substr(end), '|');
  if (values.size() > 1 && requirement.relation != "==" && requirement.relation != "!=") {
    refuse(source, piece, fmt::format("alternatives go with = and != only; write, for example, {}", key->example));
  }
  for (const std::string_view one : values) {
    const std::string value(trimmed(one, within_a_line));
    if (!key->valid(value)) {
      refuse(source, piece,
             fmt::format("'{}' is no value for {}; write, for example, {}", printable(value, 30), key->name,
                         key->example));
    }
    requirement.value += (requirement.value.empty() ? "" : "|") + value;
  }
  return requirement;
}

bool relation_holds(const std::string& relation, std::partial_ordering ordering) {
  if (relation == ">=") return ordering >= 0;
  if (relation == ">") return ordering > 0;
  if (relation == "<=") return ordering <= 0;
  if (relation == "<") return ordering < 0;
  return (ordering == 0) == (relation == "==");
}

enum class Held { yes, no, unknown };

// One GPU, or the machine, against all alternatives: with == one of them is enough, with != none may be.
Held held(const Requirement& requirement, const std::vector<std::vector<KeyAnswer>>& by_alternative,
          std::size_t thing) {
  const bool any = requirement.relation == "==";
  bool unknown = false;
  for (const std::vector<KeyAnswer>& alternative : by_alternative) {
    const std::optional<std::partial_ordering>& ordering = alternative[thing].ordering;
    if (!ordering) {
      unknown = true;
    } else if (relation_holds(requirement.relation, *ordering) == any) {
      return any ? Held::yes : Held::no;
    }
  }
  return unknown ? Held::unknown : any ? Held::no : Held::yes;
}

std::string named(const KeyAnswer& one) { return (one.of.empty() ? "" : one.of + ": ") + one.actual; }

// Of eight GPUs with one bad, that one is what a reader looks for.
void describe(const std::vector<KeyAnswer>& things, const std::vector<Held>& all, RequirementOutcome& outcome) {
  const auto holding = std::ranges::count(all, Held::yes);
  const bool some_break = holding < std::ssize(all);
  const bool alike = std::ranges::all_of(things, [&](const auto& one) { return one.actual == things.front().actual; });
  if (!some_break && alike && things.size() > 1) {
    outcome.actual = fmt::format("{} on all {}", things.front().actual, things.size());
    return;
  }
  for (std::size_t i = 0; i < things.size(); ++i) {
    if (some_break && all[i] == Held::yes) continue;
    outcome.actual += (outcome.actual.empty() ? "" : "; ") + named(things[i]);
    if (some_break && !things[i].of.empty()) outcome.breaks.push_back(things[i].of);
  }
  if (some_break && holding > 0) outcome.actual += fmt::format(" ({} other{} met)", holding, holding == 1 ? "" : "s");
}

RequirementOutcome outcome_of(const Requirement& requirement, const Environment& environment,
                              const RequirementContext& context) {
  const RequirementKey& key = *find_requirement_key(requirement.key);
  std::vector<std::vector<KeyAnswer>> by_alternative;
  for (const std::string_view value : split(requirement.value, '|')) {
    by_alternative.push_back(key.compare(environment, context, std::string(value)));
  }
  RequirementOutcome outcome{requirement, true, true, ""};
  bool refuted = false;
  std::vector<Held> all;
  for (std::size_t thing = 0; thing < by_alternative.front().size(); ++thing) {
    all.push_back(held(requirement, by_alternative, thing));
    refuted = refuted || all.back() == Held::no;
    outcome.known = outcome.known && all.back() != Held::unknown;
  }
  describe(by_alternative.front(), all, outcome);
  outcome.known = outcome.known || refuted;  // one GPU that falls short decides, whatever the others are
  outcome.met = outcome.known && !refuted;
  return outcome;
}

}  // namespace

std::string requirement_key_names() {
  std::string names;
  for (const RequirementKey& key : requirement_keys()) names += (names.empty() ? "" : ", ") + std::string(key.name);
  return names;
}

std::vector<Requirement> parse_requirements(std::string_view text, const std::string& source) {
  std::vector<Requirement> requirements;
  for (const std::string_view part : split(text, ',')) {
    const std::string piece(trimmed(part, within_a_line));
    if (piece.empty()) refuse(source, piece, "nothing is required here; " + example_and_keys());
    requirements.push_back(parse_one(piece, source));
  }
  return requirements;
}

std::vector<RequirementOutcome> evaluate(const std::vector<Requirement>& requirements, const Environment& environment,
                                         const CompatDb& compat, const std::string& today) {
  std::vector<RequirementOutcome> outcomes;
  const RequirementContext context{compat, today};
  outcomes.reserve(requirements.size());
  for (const Requirement& requirement : requirements) {
    outcomes.push_back(outcome_of(requirement, environment, context));
  }
  return outcomes;
}

const char* state_text(const RequirementOutcome& outcome) {
  return outcome.met ? "met" : outcome.known ? "NOT MET" : "UNKNOWN";
}

nlohmann::json to_json(const RequirementOutcome& outcome) {
  return {{"requirement", outcome.requirement.text()},
          {"met", outcome.met},
          {"known", outcome.known},
          {"actual", outcome.actual},
          {"breaks", outcome.breaks}};
}

nlohmann::json to_json(const std::vector<RequirementOutcome>& outcomes) {
  nlohmann::json document = nlohmann::json::array();
  for (const RequirementOutcome& outcome : outcomes) document.push_back(to_json(outcome));
  return document;
}

}  // namespace kernelgate

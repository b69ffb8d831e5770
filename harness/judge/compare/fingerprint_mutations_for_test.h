#pragma once
// For tests: every way in which one field of an identity can differ.

#include <cctype>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace kernelgate::for_test {

/// One field changed. `before` and `after` are whole identities.
struct Mutation {
  std::string field, how;
  nlohmann::json before, after;
};

inline nlohmann::json missing_fact(const char* reason) { return {{"value", nullptr}, {"reason", reason}}; }

inline bool is_missing_fact(const nlohmann::json& fact) {
  return fact.is_object() && fact.contains("value") && fact["value"].is_null();
}

/// Values that are another than `value`, each with its name.
inline std::vector<std::pair<std::string, nlohmann::json>> other_values(const nlohmann::json& value) {
  using nlohmann::json;
  std::vector<std::pair<std::string, json>> others{
      {"null", nullptr}, {"an empty list", json::array()}, {"in a list", json::array({value})}};
  if (value.is_string()) {
    const std::string text = value;
    std::string other_case = text;
    for (char& c : other_case) c = static_cast<char>(std::isupper(c) ? std::tolower(c) : std::toupper(c));
    for (const auto& [how, changed] : {std::pair<const char*, std::string>{"another text", "other " + text},
                                       {"another case", other_case},
                                       {"a space more", text + " "},
                                       {"a letter less", text.substr(0, text.size() - 1)},
                                       {"empty", ""}})
      if (changed != text) others.emplace_back(how, changed);
    others.emplace_back("a number", 0);
  } else if (value.is_boolean()) {
    others.emplace_back("the other", !value.get<bool>());
    others.emplace_back("as a text", value.get<bool>() ? "true" : "false");
    others.emplace_back("as a number", value.get<bool>() ? 1 : 0);
  } else if (value.is_number_integer()) {
    const auto number = value.get<std::int64_t>();
    for (const std::int64_t changed : {number + 1, number - 1, -number, std::int64_t{0}})
      if (changed != number) others.emplace_back("another number", changed);
    others.emplace_back("as a text", std::to_string(number));
    others.emplace_back("a fraction more", static_cast<double>(number) + 0.5);
  } else if (value.is_number()) {
    const auto number = value.get<double>();
    others.emplace_back("the next number", std::nextafter(number, std::numeric_limits<double>::infinity()));
    others.emplace_back("half", number / 2);
    others.emplace_back("as a text", value.dump());
  }
  return others;
}

/// All single-field changes of an identity: other values, values that go missing and come, fields that go and come.
inline std::vector<Mutation> mutations_of(const nlohmann::json& identity) {
  std::vector<Mutation> all;
  const auto add = [&](const std::string& field, const std::string& how, nlohmann::json before, nlohmann::json after) {
    all.push_back({field, how, std::move(before), std::move(after)});
  };
  for (const auto& [field, value] : identity.items()) {
    nlohmann::json known = identity;
    if (is_missing_fact(value)) known[field] = "known";
    nlohmann::json lost = known, removed = known;
    lost[field] = missing_fact("no permission");
    removed.erase(field);
    add(field, "value -> missing", known, lost);
    add(field, "missing -> value", lost, known);
    add(field, "removed", known, removed);
    add(field, "added", removed, known);
    for (const auto& [how, other] : other_values(known[field])) {
      nlohmann::json changed = known;
      changed[field] = other;
      add(field, how, known, changed);
    }
  }
  nlohmann::json more = identity;
  more["a_new_fact"] = "of a later version";
  add("a_new_fact", "added", identity, more);
  add("a_new_fact", "removed", more, identity);
  return all;
}

}  // namespace kernelgate::for_test

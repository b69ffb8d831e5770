// What a user requires of the machine.
#include "harness/environment/requirements.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <compare>
#include <functional>
#include <optional>

#include "harness/environment/evidence.h"
#include "harness/environment/version.h"
#include "harness/error.h"

namespace kernelgate {
namespace {

using Ordering = std::partial_ordering;

// What is there against what is required; nothing when it is not known.
struct Compared {
  std::optional<Ordering> ordering;
  std::string actual;
};

/// One key: whether it takes an order, whether a value is well-formed, and how it compares.
struct Key {
  const char* name;
  bool ordered;  ///< false: == and != only
  const char* example;
  bool (*valid)(const std::string& value);
  Compared (*compare_machine)(const Environment&, const std::string& value);
  Compared (*compare_gpu)(const Gpu&, const std::string& value);
};

template <class T>
std::optional<T> number_of(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !(number >= 0)) return std::nullopt;
  return number;
}

// "12.8" and "8.0": two numbers, kept as a pair so that 12.10 is later than 12.9.
std::optional<Version> two_fields(const std::string& text) {
  return std::ranges::count(text, '.') == 1 ? Version::parse(text) : std::nullopt;
}

std::optional<double> bytes_of(const std::string& text) {
  static const std::pair<const char*, double> units[] = {{"TiB", 0x1p40}, {"GiB", 0x1p30}, {"MiB", 0x1p20},
                                                         {"KiB", 0x1p10}, {"TB", 1e12},    {"GB", 1e9},
                                                         {"MB", 1e6},     {"KB", 1e3}};
  for (const auto& [unit, size] : units) {
    if (!text.ends_with(unit)) continue;
    const std::optional<double> number =
        number_of<double>(std::string_view(text).substr(0, text.size() - std::string_view(unit).size()));
    if (!number || !std::isfinite(*number)) return std::nullopt;
    return *number * size;
  }
  return std::nullopt;
}

bool valid_switch(const std::string& value) { return value == "on" || value == "off"; }

Compared compare_versions(const std::string& actual, const std::string& required) {
  const std::optional<Version> is = Version::parse(actual), wanted = Version::parse(required);
  if (!is || !wanted) return {std::nullopt, actual + " is no version"};
  return {*is <=> *wanted, actual};
}

template <Fact<bool> Gpu::*Member>
Compared compare_switch(const Gpu& gpu, const std::string& value) {
  const Fact<bool>& fact = gpu.*Member;
  if (!fact.value) return {std::nullopt, "unknown: " + fact.reason};
  const bool equal = *fact.value == (value == "on");
  return {equal ? Ordering::equivalent : Ordering::unordered, *fact.value ? "on" : "off"};
}

const Key keys[] = {
    {"driver", true, "driver>=580.65.06", [](const std::string& v) { return Version::parse(v).has_value(); },
     [](const Environment& environment, const std::string& value) -> Compared {
       if (!environment.driver.value) return {std::nullopt, "unknown: " + environment.driver.reason};
       return compare_versions(*environment.driver.value, value);
     },
     nullptr},
    {"cuda", true, "cuda>=12.8", [](const std::string& v) { return two_fields(v).has_value(); },
     [](const Environment& environment, const std::string& value) -> Compared {
       const Fact<std::int64_t>& api = environment.cuda_driver_api;
       if (!api.value) return {std::nullopt, "unknown: " + api.reason};
       return compare_versions(cuda_version_text(*api.value), value);
     },
     nullptr},
    {"count", true, "count>=1", [](const std::string& v) { return number_of<int>(v).has_value(); },
     [](const Environment& environment, const std::string& value) -> Compared {
       const int visible = environment.visible_gpus();
       return {visible <=> *number_of<int>(value), std::to_string(visible)};
     },
     nullptr},
    {"cc", true, "cc>=8.0", [](const std::string& v) { return two_fields(v).has_value(); }, nullptr,
     [](const Gpu& gpu, const std::string& value) -> Compared {
       const Fact<std::int64_t>& cc = gpu.compute_capability;
       if (!cc.value) return {std::nullopt, "unknown: " + cc.reason};
       return compare_versions(compute_capability_text(*cc.value), value);
     }},
    {"vram", true, "vram>=16GiB", [](const std::string& v) { return bytes_of(v).has_value(); }, nullptr,
     [](const Gpu& gpu, const std::string& value) -> Compared {
       const Fact<std::int64_t>& memory = gpu.memory_bytes;
       if (!memory.value) return {std::nullopt, "unknown: " + memory.reason};
       const double bytes = static_cast<double>(*memory.value);
       return {bytes <=> *bytes_of(value), fmt::format("{:.2f} GiB", bytes / 0x1p30)};
     }},
    {"ecc", false, "ecc=on", valid_switch, nullptr, compare_switch<&Gpu::ecc>},
    {"mig", false, "mig=off", valid_switch, nullptr, compare_switch<&Gpu::mig>},
    {"persistence", false, "persistence=on", valid_switch, nullptr, compare_switch<&Gpu::persistence>},
};

const Key* find_key(const std::string& name) {
  const auto found = std::ranges::find_if(keys, [&](const Key& key) { return name == key.name; });
  return found == std::end(keys) ? nullptr : found;
}

bool holds(const std::string& relation, const Compared& compared) {
  if (!compared.ordering) return false;
  if (relation == ">=") return *compared.ordering >= 0;
  if (relation == ">") return *compared.ordering > 0;
  if (relation == "<=") return *compared.ordering <= 0;
  if (relation == "<") return *compared.ordering < 0;
  return (*compared.ordering == 0) == (relation == "==");
}

[[noreturn]] void refuse(std::string_view piece, const std::string& why) {
  throw HarnessError(ExitCode::usage, fmt::format("--require: '{}': {}", piece, why));
}

std::string all_examples() {
  std::string text;
  for (const Key& key : keys) text += (text.empty() ? "" : ", ") + std::string(key.example);
  return text;
}

std::string without_spaces(std::string_view text) {
  std::string kept;
  std::ranges::copy_if(text, std::back_inserter(kept), [](unsigned char c) { return c != ' ' && c != '\t'; });
  return kept;
}

Requirement parse_one(const std::string& piece) {
  const std::size_t at = piece.find_first_of("<>=!");
  if (at == std::string::npos) refuse(piece, "there is no relation; write, for example, " + all_examples());
  const std::size_t end = piece.find_first_not_of("<>=!", at);
  Requirement requirement{piece.substr(0, at), piece.substr(at, end == std::string::npos ? end : end - at),
                          end == std::string::npos ? "" : piece.substr(end)};
  if (requirement.relation == "=") requirement.relation = "==";
  const Key* key = find_key(requirement.key);
  if (!key) refuse(piece, fmt::format("'{}' is not known; write, for example, {}", requirement.key, all_examples()));
  static const std::string_view relations[] = {">=", ">", "<=", "<", "==", "!="};
  const bool known = std::ranges::find(relations, requirement.relation) != std::end(relations);
  const bool allowed = key->ordered || requirement.relation == "==" || requirement.relation == "!=";
  if (!known || !allowed) {
    refuse(piece,
           fmt::format("'{}' does not fit {}; write, for example, {}", requirement.relation, key->name, key->example));
  }
  if (!key->valid(requirement.value)) {
    refuse(piece,
           fmt::format("'{}' is no value for {}; write, for example, {}", requirement.value, key->name, key->example));
  }
  return requirement;
}

}  // namespace

std::vector<Requirement> parse_requirements(std::string_view text) {
  std::vector<Requirement> requirements;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string piece = without_spaces(text.substr(0, comma));
    if (piece.empty()) refuse(piece, "nothing is required here; write, for example, " + all_examples());
    requirements.push_back(parse_one(piece));
    if (comma == std::string_view::npos) return requirements;
    text.remove_prefix(comma + 1);
  }
}

std::vector<RequirementOutcome> evaluate(const std::vector<Requirement>& requirements, const Environment& environment) {
  std::vector<RequirementOutcome> outcomes;
  for (const Requirement& requirement : requirements) {
    const Key& key = *find_key(requirement.key);
    RequirementOutcome outcome{requirement, false, ""};
    if (key.compare_machine) {
      const Compared compared = key.compare_machine(environment, requirement.value);
      outcome.met = holds(requirement.relation, compared);
      outcome.actual = compared.actual;
    } else {
      outcome.met = environment.visible_gpus() > 0;
      if (!outcome.met) outcome.actual = "CUDA sees no GPU";
      for (const Gpu& gpu : environment.gpus) {
        if (!gpu.cuda_ordinal.value) continue;
        const Compared compared = key.compare_gpu(gpu, requirement.value);
        outcome.met = outcome.met && holds(requirement.relation, compared);
        outcome.actual += (outcome.actual.empty() ? "" : "; ") + gpu_label(gpu) + ": " + compared.actual;
      }
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

nlohmann::json to_json(const std::vector<RequirementOutcome>& outcomes) {
  nlohmann::json document = nlohmann::json::array();
  for (const RequirementOutcome& outcome : outcomes) {
    document.push_back({{"requirement", outcome.requirement.text()}, {"met", outcome.met}, {"actual", outcome.actual}});
  }
  return document;
}

}  // namespace kernelgate

// The registry of the check's formats.
#include "harness/check/show/check_format.h"

#include <fmt/format.h>

#include <map>

namespace kernelgate {
namespace {

struct Entry {
  std::string description;
  const CheckFormat* format = nullptr;
  int registered = 0;  ///< over 1 is a defect; a static constructor is no place to throw
};

std::map<std::string, Entry, std::less<>>& registry() {
  static std::map<std::string, Entry, std::less<>> all;
  return all;
}

}  // namespace

ExitCode Check::exit_code() const {
  ExitCode code = report.exit_code(strict);
  for (const RequirementOutcome& outcome : requirements) {
    if (!outcome.met) code = worse(code, ExitCode::refused);
  }
  return policy ? worse(code, policy->exit_code(strict)) : code;
}

RegisterCheckFormat::RegisterCheckFormat(std::string_view name, std::string_view description,
                                         const CheckFormat& format) {
  Entry& entry = registry()[std::string(name)];
  entry.description = description;
  entry.format = &format;
  ++entry.registered;
}

const CheckFormat& find_check_format(std::string_view name) {
  const auto found = registry().find(name);
  if (found == registry().end()) {
    std::string names;
    for (const auto& [known, entry] : registry()) names += (names.empty() ? "" : ", ") + known;
    throw HarnessError(ExitCode::usage, fmt::format("no format '{}' of a check; there are {}", name, names));
  }
  if (found->second.registered > 1) {
    throw HarnessError(ExitCode::usage, fmt::format("two formats of a check are called '{}'", name));
  }
  return *found->second.format;
}

std::vector<std::pair<std::string, std::string>> check_formats() {
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& [name, entry] : registry()) names.emplace_back(name, entry.description);
  return names;
}

}  // namespace kernelgate

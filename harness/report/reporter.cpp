#include "harness/report/reporter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <sstream>

#include "harness/base/error.h"

namespace kernelgate {
namespace {

struct Entry {
  std::string description;
  RegisterReporter::Make make;
  std::unique_ptr<Reporter> made;  ///< on first use
  int registered = 0;              ///< over 1 is a defect; a static constructor is no place to throw
};

std::map<std::string, Entry, std::less<>>& registry() {
  static std::map<std::string, Entry, std::less<>> all;
  return all;
}

}  // namespace

std::string Reporter::report(const Result& result, const Comparison* comparison) const {
  std::ostringstream out;
  write(out, {&result, comparison});
  return out.str();
}

RegisterReporter::RegisterReporter(std::string_view name, std::string_view description, Make make) {
  Entry& entry = registry()[std::string(name)];
  entry.description = description;
  entry.make = make;
  ++entry.registered;
}

const Reporter& find_reporter(std::string_view name) {
  const auto found = registry().find(name);
  if (found == registry().end()) {
    std::vector<std::string> names;
    for (const auto& [known, entry] : registry()) names.push_back(known);
    throw HarnessError(ExitCode::usage,
                       fmt::format("no report format '{}'; there are {}", name, fmt::join(names, ", ")));
  }
  if (found->second.registered > 1)
    throw HarnessError(ExitCode::usage, fmt::format("two report formats are called '{}'", name));
  if (!found->second.made) found->second.made = found->second.make();
  return *found->second.made;
}

std::vector<std::pair<std::string, std::string>> reporter_names() {
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& [name, entry] : registry()) names.emplace_back(name, entry.description);
  return names;
}

}  // namespace kernelgate

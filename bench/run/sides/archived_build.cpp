#include "bench/run/sides/archived_build.h"

#include <regex>

#include <fmt/format.h>

#include "bench/run/sides/against.h"
#include "harness/base/error.h"

namespace kernelgate {

std::string commit_in(const std::string& version_text) {
  static const std::regex form(R"(^kernelgate \S+ \(commit ([0-9a-f]{7,40}), (?!modified))");
  std::smatch found;
  return std::regex_search(version_text, found, form) ? found[1].str() : std::string();
}

StoredBuild archived_build(const std::filesystem::path& path) {
  const ArchivedBuild build = find_build(path, "--build");
  const std::string commit = commit_in(build.version);
  if (commit.empty())
    throw HarnessError(ExitCode::usage,
                       fmt::format("--build '{}' names no commit of its own, or was built from modified sources; "
                                   "archive a build of a commit",
                                   build.program.string()));
  return {build.program.lexically_normal().string(), commit};
}

}  // namespace kernelgate

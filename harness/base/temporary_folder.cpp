#include "harness/base/temporary_folder.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>

#include "harness/base/error.h"

namespace kernelgate {

namespace {

namespace fs = std::filesystem;

/// A folder can be made where no block is left for what is in it.
bool takes_a_file(const fs::path& folder) {
  const fs::path probe = folder / "probe";
  std::ofstream file(probe, std::ios::binary);
  file << std::string(1 << 16, ' ');
  file.close();
  std::error_code ignored;
  fs::remove(probe, ignored);
  return !file.fail();
}

}  // namespace

std::vector<fs::path> places_for_files(const fs::path& otherwise) {
  const char* named = std::getenv("TMPDIR");
  std::vector<fs::path> places;
  for (const fs::path& place :
       {fs::path(named != nullptr ? named : ""), fs::path("/tmp"), fs::path("/var/tmp"), otherwise, fs::path(".")})
    if (!place.empty()) places.push_back(place);
  return places;
}

TemporaryFolder::TemporaryFolder(const fs::path& otherwise) {
  std::string first_failure;
  for (const fs::path& place : places_for_files(otherwise)) {
    std::string pattern = (place / "kernelgate-XXXXXX").string();
    const bool made = mkdtemp(pattern.data()) != nullptr;
    const int error = made ? ENOSPC : errno;
    if (made && takes_a_file(pattern)) {
      path_ = pattern;
      return;
    }
    std::error_code ignored;
    if (made) fs::remove_all(pattern, ignored);
    if (first_failure.empty()) first_failure = fmt::format("{}: {}", place.string(), std::strerror(error));
  }
  throw HarnessError(ExitCode::usage, fmt::format("no scratch folder could be made at {}; set TMPDIR to a folder with "
                                                  "space",
                                                  first_failure));
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace kernelgate

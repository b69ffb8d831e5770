#include "harness/base/temporary_folder.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

#include "harness/base/error.h"

namespace kernelgate {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "kernelgate-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr)
    throw HarnessError(ExitCode::usage,
                       fmt::format("no scratch folder could be made at {}: {}; set TMPDIR to a folder with space",
                                   pattern, std::strerror(errno)));
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace kernelgate

#include "bench/process_runs.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "harness/error.h"

namespace kernelgate {

int run_self(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{"kernelgate"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  // libgomp's threads spin while they wait, by default: where cores are shared that starves the very work
  // they wait for, and a product of 0.3 ms takes up to 70. It reads this when it is loaded.
  setenv("GOMP_SPINCOUNT", "10000", 0);
  pid_t child = 0;
  // A bundle may have started the program through a loader of its own, which /proc/self/exe then names.
  const char* launcher = std::getenv("KERNELGATE_LAUNCHER");
  if (launcher == nullptr || *launcher == '\0') launcher = "/proc/self/exe";
  if (const int error = posix_spawn(&child, launcher, nullptr, nullptr, argv.data(), environ); error != 0)
    throw HarnessError(ExitCode::usage, fmt::format("a fresh process could not be started: {}", std::strerror(error)));
  int status = 0;
  // Ctrl-C reaches the child too; it ends by itself and this one waits for what it has written.
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      throw HarnessError(ExitCode::usage, fmt::format("waiting for a run failed: {}", std::strerror(errno)));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

ScratchFolder::ScratchFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "kernelgate-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr)
    throw HarnessError(ExitCode::usage,
                       fmt::format("no scratch folder could be made at {}: {}; set TMPDIR to a folder with space",
                                   pattern, std::strerror(errno)));
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace kernelgate

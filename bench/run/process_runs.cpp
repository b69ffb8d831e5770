#include "bench/run/process_runs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "harness/base/error.h"

namespace kernelgate {

namespace {

/// A bundle may have started the program through a loader of its own, which /proc/self/exe then names.
std::string this_program() {
  const char* launcher = std::getenv("KERNELGATE_LAUNCHER");
  return launcher == nullptr || *launcher == '\0' ? "/proc/self/exe" : launcher;
}

/// Waits for the end. Ctrl-C reaches the child too; it ends by itself and this one waits for what it has written.
int status_of(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      throw HarnessError(ExitCode::usage, fmt::format("waiting for a run failed: {}", std::strerror(errno)));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int spawn(const std::string& program, const std::vector<std::string>& arguments, char** environment,
          const posix_spawn_file_actions_t* files) {
  std::vector<std::string> words{"kernelgate"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  if (const int error = posix_spawn(&child, program.c_str(), files, nullptr, argv.data(), environment); error != 0)
    throw HarnessError(ExitCode::usage,
                       fmt::format("a fresh process of {} could not be started: {}", program, std::strerror(error)));
  return status_of(child);
}

// libgomp's threads spin while they wait, by default: where cores are shared that starves the very work they wait for,
// and a product of 0.3 ms takes up to 70. It reads this when it is loaded.
void let_threads_sleep() { setenv("GOMP_SPINCOUNT", "10000", 0); }

}  // namespace

int run_self(const std::vector<std::string>& arguments) {
  let_threads_sleep();
  return spawn(this_program(), arguments, environ, nullptr);
}

int run_quietly(const std::vector<std::string>& arguments, const RunQuietly& how) {
  let_threads_sleep();
  std::vector<char*> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const bool dropped = std::ranges::any_of(
        how.without_variables, [&](const std::string& name) { return text.substr(0, text.find('=')) == name; });
    if (!dropped) environment.push_back(*variable);
  }
  environment.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, how.log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  try {
    const int status =
        spawn(how.program.empty() ? this_program() : how.program.string(), arguments, environment.data(), &files);
    posix_spawn_file_actions_destroy(&files);
    return status;
  } catch (...) {
    posix_spawn_file_actions_destroy(&files);
    throw;
  }
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

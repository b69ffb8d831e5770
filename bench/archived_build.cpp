#include "bench/archived_build.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <regex>

#include "harness/error.h"

namespace kernelgate {
namespace {

/// What it prints on stdout. Errors  HarnessError(usage).
std::string version_of(const std::filesystem::path& program) {
  const auto fail = [&](const std::string& why) {
    throw HarnessError(
        ExitCode::usage,
        fmt::format("--build '{}' can't be run: {}; name the program that measured the result", program.string(), why));
  };
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) fail(std::strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  std::string name = program.string(), option = "--version";
  std::array<char*, 3> argv{name.data(), option.data(), nullptr};
  pid_t child = 0;
  const int error = posix_spawn(&child, name.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_ends[1]);
  std::string text;
  if (error == 0) {
    std::array<char, 4096> part{};
    ssize_t count = 0;
    while ((count = read(pipe_ends[0], part.data(), part.size())) > 0 || (count < 0 && errno == EINTR))
      if (count > 0) text.append(part.data(), static_cast<std::size_t>(count));
  }
  close(pipe_ends[0]);
  if (error != 0) fail(std::strerror(error));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail("its --version did not end well");
  return text;
}

}  // namespace

std::string commit_in(const std::string& version_text) {
  static const std::regex form(R"(^kernelgate \S+ \(commit ([0-9a-f]{7,40}), (?!modified))");
  std::smatch found;
  return std::regex_search(version_text, found, form) ? found[1].str() : std::string();
}

ArchivedBuild archived_build(const std::filesystem::path& path) {
  // The baseline is read from other folders.
  const std::filesystem::path whole = std::filesystem::absolute(path).lexically_normal();
  const std::string commit = commit_in(version_of(whole));
  if (commit.empty())
    throw HarnessError(ExitCode::usage,
                       fmt::format("--build '{}' names no commit of its own, or was built from modified sources; "
                                   "archive a build of a commit",
                                   whole.string()));
  return {whole.string(), commit};
}

}  // namespace kernelgate

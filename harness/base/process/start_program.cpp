#include "harness/base/process/start_program.h"

#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace kernelgate {
namespace {

std::vector<std::string> environment_of(const ProgramCall& program) {
  std::vector<std::string> kept;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string name(text.substr(0, text.find('=')));
    if (!program.set.contains(name) && std::ranges::count(program.unset, name) == 0) kept.emplace_back(text);
  }
  for (const auto& [name, value] : program.set) kept.push_back(name + "=" + value);
  return kept;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

int start_program(const ProgramCall& program, const Streams& streams, bool own_group, pid_t& child) {
  std::vector<std::string> words = program.words, environment = environment_of(program);
  const std::vector<char*> argv = pointers_to(words), envp = pointers_to(environment);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  if (streams.in >= 0) posix_spawn_file_actions_adddup2(&files, streams.in, STDIN_FILENO);
  if (streams.out >= 0) posix_spawn_file_actions_adddup2(&files, streams.out, STDOUT_FILENO);
  if (streams.error >= 0) posix_spawn_file_actions_adddup2(&files, streams.error, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t as_usual;  // of another program: ours ignores them
  sigemptyset(&as_usual);
  for (const int signal : {SIGPIPE, SIGXFSZ}) sigaddset(&as_usual, signal);
  posix_spawnattr_setsigdefault(&attributes, &as_usual);
  // With its own group its number is the child's.
  posix_spawnattr_setflags(&attributes,
                           static_cast<short>(POSIX_SPAWN_SETSIGDEF | (own_group ? POSIX_SPAWN_SETPGROUP : 0)));
  const std::string& file = program.file.empty() ? program.words.front() : program.file;
  const int error = posix_spawnp(&child, file.c_str(), &files, &attributes, argv.data(), envp.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

}  // namespace kernelgate

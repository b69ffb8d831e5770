// Work that may hang or crash is done by a child with a time limit.
#include "harness/base/process/child_process.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <optional>
#include <thread>

#include "harness/base/error.h"
#include "harness/base/process/interrupt.h"

namespace kernelgate {
namespace {

using Clock = std::chrono::steady_clock;

// What a driver prints is not part of our output, what it crashes with is not left in the user's folder, and what it
// starts ends with it.
void become_a_probe(pid_t parent) {
  setpgid(0, 0);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  if (const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC); nowhere >= 0) dup2(nowhere, STDOUT_FILENO);
  // In a group of its own it gets no Ctrl-C; a hanging driver would outlive the program that was interrupted.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
}

bool write_all(int pipe_end, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(pipe_end, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

/// `work` is given the pipe, and says whether all went through it.
[[noreturn]] void answer_and_exit(const std::function<bool(int pipe_end)>& work, int pipe_end) {
  int code = 1;
  try {
    code = work(pipe_end) ? 0 : 1;
  } catch (...) {
    // Nowhere to say more: the parent reports the exit code.
  }
  _exit(code);  // no destructors, no flushing of buffers that are the parent's
}

/// Takes what it wants of the text that has come, and says until when to wait for more.
using OnText = std::function<Clock::time_point(std::string& text)>;

bool has_ended(pid_t child) {
  siginfo_t ended{};
  return waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == child;
}

// Until the pipe is closed, or the child has ended: what it started may hold the other end for ever.
std::string read_until(pid_t child, int pipe_end, Clock::time_point deadline, const OnText& on_text, bool& late) {
  constexpr std::int64_t look_again_ms = 20;
  std::string text;
  std::array<char, 65536> buffer;
  bool ended = false;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0 && !ended) {
      late = true;
      return text;
    }
    pollfd waiting{pipe_end, POLLIN, 0};
    const int ready = poll(&waiting, 1, ended ? 0 : static_cast<int>(std::clamp<std::int64_t>(left, 0, look_again_ms)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready > 0) {
      const ssize_t n = read(pipe_end, buffer.data(), buffer.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return text;
      text.append(buffer.data(), static_cast<std::size_t>(n));
      if (on_text) deadline = on_text(text);
    } else if (ended) {
      return text;
    }
    // Seen to have ended, it is read once more: it may have written since.
    ended = ended || has_ended(child);
  }
}

// A process stuck in the kernel ignores even SIGKILL, so waiting for it must end too.
std::optional<int> wait_for(pid_t child, Clock::time_point deadline) {
  while (true) {
    siginfo_t ended{};
    if (waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT) != 0 && errno != EINTR)
      return std::nullopt;
    if (ended.si_pid == child) {
      // What it started goes too. The number of its group is surely its own until it is waited for.
      kill(-child, SIGKILL);
      int status = 0;
      return waitpid(child, &status, 0) == child ? std::optional(status) : std::nullopt;
    }
    if (Clock::now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

/// What the child, the first of its process group, writes, and how it ended.
ChildAnswer answer_of(pid_t child, int pipe_end, std::chrono::milliseconds limit, const OnText& on_text = {}) {
  const auto deadline = Clock::now() + limit;
  ChildAnswer answer;
  bool late = false;
  answer.text = read_until(child, pipe_end, deadline, on_text, late);
  close(pipe_end);
  // The answer is whole once the pipe is closed; a child that will not end after it is not waited for long.
  if (late) kill(-child, SIGKILL);
  std::optional<int> status = wait_for(child, Clock::now() + std::chrono::seconds(1));
  if (!status && !late) {
    kill(-child, SIGKILL);
    status = wait_for(child, Clock::now() + std::chrono::seconds(1));
  }
  if (late) {
    answer.error = fmt::format("no answer within {} s", std::chrono::duration<double>(limit).count());
  } else if (status && WIFSIGNALED(*status)) {
    answer.error = fmt::format("ended by signal {}", WTERMSIG(*status));
  } else if (status && WEXITSTATUS(*status) != 0) {
    answer.error = fmt::format("exit code {}", WEXITSTATUS(*status));
  }
  return answer;
}

std::string last_line_of(int file) {
  std::string text;
  std::array<char, 4096> buffer;
  lseek(file, 0, SEEK_SET);
  for (ssize_t n = 0; (n = read(file, buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(n));
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text.substr(text.rfind('\n') + 1);
}

ChildAnswer fork_and_read(const std::function<bool(int pipe_end)>& work, std::chrono::milliseconds limit,
                          const OnText& on_text = {}) {
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {"", fmt::format("no pipe: {}", std::strerror(errno))};
  const pid_t parent = getpid(), child = fork();
  if (child < 0) {
    const std::string why = std::strerror(errno);
    close(ends[0]);
    close(ends[1]);
    return {"", "no child process: " + why};
  }
  if (child == 0) {
    close(ends[0]);
    become_a_probe(parent);
    answer_and_exit(work, ends[1]);
  }
  setpgid(child, child);  // by both, so that it holds before either goes on
  close(ends[1]);
  return answer_of(child, ends[0], limit, on_text);
}

}  // namespace

ChildAnswer run_in_child(const std::function<std::string()>& work, std::chrono::milliseconds limit) {
  return fork_and_read([&](int pipe_end) { return write_all(pipe_end, work()); }, limit);
}

ChildAnswer follow_child(const std::function<void(const SayLine& say)>& work, std::chrono::milliseconds limit,
                         const std::function<void(const std::string& line)>& on_line) {
  const auto say_lines = [&](int pipe_end) {
    bool arrived = true;
    work([&](std::string_view line) { arrived = write_all(pipe_end, std::string(line) + '\n') && arrived; });
    return arrived;
  };
  const auto take_lines = [&](std::string& text) {
    std::size_t begin = 0;
    for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
      on_line(text.substr(begin, end - begin));
    text.erase(0, begin);
    return Clock::now() + limit;
  };
  ChildAnswer answer = fork_and_read(say_lines, limit, take_lines);
  answer.text.clear();  // a line that its end never came to
  return answer;
}

ChildAnswer run_program(const ProgramCall& program, std::chrono::milliseconds limit) {
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {"", fmt::format("no pipe: {}", std::strerror(errno))};
  const int complaints = memfd_create("stderr", MFD_CLOEXEC), nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  pid_t child = 0;
  const int failed =
      complaints < 0 || nothing < 0 ? errno : start_program(program, {nothing, ends[1], complaints}, true, child);
  close(ends[1]);
  close(nothing);
  ChildAnswer answer;
  if (failed != 0) {
    close(ends[0]);
    answer.error = std::strerror(failed);
  } else {
    answer = answer_of(child, ends[0], limit);
    if (const std::string line = last_line_of(complaints); !answer.error.empty() && !line.empty())
      answer.error = line + " (" + answer.error + ")";
  }
  close(complaints);
  return answer;
}

int run_to_end(const ProgramCall& program, const std::filesystem::path& log) {
  const auto fail = [&](int error) {
    throw HarnessError(ExitCode::usage,
                       fmt::format("{} could not be started: {}",
                                   program.file.empty() ? program.words.front() : program.file, std::strerror(error)));
  };
  const int out = log.empty() ? -1 : open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (!log.empty() && out < 0) fail(errno);
  pid_t child = 0;
  const int failed = start_program(program, {-1, out, out}, false, child);
  if (out >= 0) close(out);
  if (failed != 0) fail(failed);
  const PassedOn passed_on(child);
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      throw HarnessError(ExitCode::usage, fmt::format("waiting for a process failed: {}", std::strerror(errno)));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace kernelgate

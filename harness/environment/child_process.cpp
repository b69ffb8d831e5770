// Work that may hang or crash is done by a child with a time limit.
#include "harness/environment/child_process.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <optional>
#include <thread>

namespace kernelgate {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void answer_and_exit(const std::function<std::string()>& work, int pipe_end) {
  int code = 1;
  try {
    const std::string text = work();
    std::size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t n = write(pipe_end, text.data() + sent, text.size() - sent);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) break;
      sent += static_cast<std::size_t>(n);
    }
    code = sent == text.size() ? 0 : 1;
  } catch (...) {
    // Nowhere to say more: the parent reports the exit code.
  }
  _exit(code);  // no destructors, no flushing of buffers that are the parent's
}

std::string read_until(int pipe_end, Clock::time_point deadline, bool& late) {
  std::string text;
  std::array<char, 4096> buffer;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waiting{pipe_end, POLLIN, 0};
    const int ready = left > 0 ? poll(&waiting, 1, static_cast<int>(left)) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      late = true;
      return text;
    }
    const ssize_t n = read(pipe_end, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

// A process stuck in the kernel ignores even SIGKILL, so waiting for it must end too.
std::optional<int> wait_for(pid_t child, Clock::time_point deadline) {
  while (true) {
    int status = 0;
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) return status;
    if (ended < 0 && errno != EINTR) return std::nullopt;
    if (Clock::now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace

ChildAnswer run_in_child(const std::function<std::string()>& work, std::chrono::milliseconds limit) {
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {"", fmt::format("no pipe: {}", std::strerror(errno))};
  const pid_t child = fork();
  if (child < 0) {
    const std::string why = std::strerror(errno);
    close(ends[0]);
    close(ends[1]);
    return {"", "no child process: " + why};
  }
  if (child == 0) {
    close(ends[0]);
    answer_and_exit(work, ends[1]);
  }
  close(ends[1]);
  const auto deadline = Clock::now() + limit;
  ChildAnswer answer;
  bool late = false;
  answer.text = read_until(ends[0], deadline, late);
  close(ends[0]);
  // The answer is whole once the pipe is closed; a child that will not end after it is not waited for long.
  if (late) kill(child, SIGKILL);
  std::optional<int> status = wait_for(child, Clock::now() + std::chrono::seconds(1));
  if (!status && !late) {
    kill(child, SIGKILL);
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

}  // namespace kernelgate

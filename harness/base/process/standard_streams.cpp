#include "harness/base/process/standard_streams.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace kernelgate {
namespace {

/// How long a full pipe may stay full before its text is dropped; CI systems make pipes that do not block.
constexpr int patience_ms = 10'000;

/// As libstdc++ and others that were there first know it; its buffer is written out too.
std::FILE* first_stdout = nullptr;
bool lost = false;

bool reader_left() {
  pollfd end{STDOUT_FILENO, POLLOUT, 0};
  return poll(&end, 1, 0) > 0 && (end.revents & POLLERR) != 0;
}

bool deliver(int descriptor, const char* text, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(descriptor, text, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      pollfd room{descriptor, POLLOUT, 0};
      if (poll(&room, 1, patience_ms) > 0) continue;
    }
    if (written <= 0) return false;
    text += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

// Always "all written": what prints, fmt among others, throws otherwise.
ssize_t to_stdout(void*, const char* text, std::size_t size) {
  if (!deliver(STDOUT_FILENO, text, size)) lost = true;
  return static_cast<ssize_t>(size);
}

ssize_t to_stderr(void*, const char* text, std::size_t size) {
  deliver(STDERR_FILENO, text, size);
  return static_cast<ssize_t>(size);
}

/// The other way round, so that using it fails as it would have.
void take_if_closed(int descriptor) {
  if (fcntl(descriptor, F_GETFD) == -1 && errno == EBADF)
    (void)open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

}  // namespace

void keep_streams_from_failing() {
  for (int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) take_if_closed(descriptor);
  for (int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);
  first_stdout = stdout;
  if (std::FILE* made = fopencookie(nullptr, "w", {nullptr, to_stdout, nullptr, nullptr})) {
    std::setvbuf(made, nullptr, isatty(STDOUT_FILENO) != 0 ? _IOLBF : _IOFBF, BUFSIZ);
    stdout = made;
  }
  if (std::FILE* made = fopencookie(nullptr, "w", {nullptr, to_stderr, nullptr, nullptr})) {
    std::setvbuf(made, nullptr, _IOLBF, BUFSIZ);
    stderr = made;
  }
}

bool stdout_arrived() {
  std::fflush(stdout);
  std::fflush(stderr);
  const bool first_failed =
      first_stdout != nullptr && (std::fflush(first_stdout) != 0 || std::ferror(first_stdout) != 0);
  return !((lost || first_failed) && !reader_left());
}

int descriptor_of(std::FILE* stream) {
  if (stream == stdout) return STDOUT_FILENO;
  if (stream == stderr) return STDERR_FILENO;
  return fileno(stream);
}

}  // namespace kernelgate

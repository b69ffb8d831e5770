#include "harness/base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "harness/base/error.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;

/// 0, or the errno.
int try_lock(int descriptor, int how) {
  while (::flock(descriptor, how) != 0)
    if (errno != EINTR) return errno;
  return 0;
}

int open_file(const fs::path& path) { return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666); }

}  // namespace

FileLock::FileLock(const fs::path& path, Of what) : descriptor_(-1) {
  const bool folder = what == Of::folder;
  descriptor_ = folder ? ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : open_file(path);
  int failed = descriptor_ < 0 ? errno : try_lock(descriptor_, LOCK_EX | LOCK_NB);
  if (folder && failed != 0 && failed != EWOULDBLOCK) {  // NFS locks no folder: a file in it, then
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = open_file(path / ".lock");
    failed = descriptor_ < 0 ? errno : try_lock(descriptor_, LOCK_EX | LOCK_NB);
  }
  if (failed == EWOULDBLOCK) {
    if (folder) fmt::print(stderr, "waiting for another kernelgate, which changes '{}'\n", path.string());
    failed = try_lock(descriptor_, LOCK_EX);
  }
  if (failed == 0) return;
  if (descriptor_ >= 0) ::close(descriptor_);
  throw ResultError(fmt::format("can't lock '{}': {}", path.string(), std::strerror(failed)));
}

FileLock::~FileLock() { ::close(descriptor_); }

}  // namespace kernelgate

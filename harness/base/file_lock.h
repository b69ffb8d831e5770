#pragma once
// One process at a time reads, changes and writes.

#include <filesystem>

namespace kernelgate {

/// Held as long as the object lives, and gone with the process, however that ends. Whoever comes second waits; for
/// a folder it says so on stderr.
class FileLock {
 public:
  enum class Of { file, folder };

  /// A file, made where there is none, and never the one that is replaced: a lock stays with what it was. Or a folder,
  /// which is locked itself and gets no file in it.
  /// Errors  ResultError, one line: it can't be locked.
  explicit FileLock(const std::filesystem::path& path, Of what = Of::file);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace kernelgate

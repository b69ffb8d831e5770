#pragma once
// A folder for files that live as long as an object.

#include <filesystem>

namespace kernelgate {

class TemporaryFolder {
 public:
  /// A fresh one, for this user alone, in $TMPDIR or /tmp.  Errors  HarnessError (usage).
  TemporaryFolder();
  ~TemporaryFolder();  ///< with all that is in it
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace kernelgate

#pragma once
// A folder for files that live as long as an object.

#include <filesystem>
#include <vector>

namespace kernelgate {

/// Where a file may be put that has no place of its own, the best first: as TemporaryFolder looks for one.
std::vector<std::filesystem::path> places_for_files(const std::filesystem::path& otherwise = {});

class TemporaryFolder {
 public:
  /// A fresh one, for this user alone, in the first place that takes a file: $TMPDIR, /tmp, /var/tmp, `otherwise`, the
  /// current folder. Errors  HarnessError (usage): none does.
  explicit TemporaryFolder(const std::filesystem::path& otherwise = {});
  ~TemporaryFolder();  ///< with all that is in it
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace kernelgate

#pragma once
// Starts this program again, in a fresh process: the unit that comparisons count.

#include <filesystem>
#include <string>
#include <vector>

namespace kernelgate {

/// Runs /proc/self/exe with the arguments (without the program's name) and waits for its end; stdin,
/// stdout, stderr and the environment are this process's. Returns its exit code; 128 + the signal that
/// ended it.
/// Errors  HarnessError when it can't be started.
int run_self(const std::vector<std::string>& arguments);

/// A fresh folder for files that live as long as the object.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace kernelgate

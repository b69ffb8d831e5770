#pragma once
// Starts this program again, in a fresh process: the unit that comparisons count.

#include <filesystem>
#include <string>
#include <vector>

namespace kernelgate {

struct RunSelf {
  std::filesystem::path program = {};               ///< empty: this one; else another build of it
  std::filesystem::path log = {};                   ///< what it writes to stdout and stderr; empty: to this process's
  std::vector<std::string> without_variables = {};  ///< of the environment, which is otherwise this process's
};

/// Runs /proc/self/exe with the arguments (without the program's name) and waits for its end. Returns its exit code;
/// 128 + the signal that ended it.
/// Errors  HarnessError when it can't be started.
int run_self(const std::vector<std::string>& arguments, const RunSelf& how = {});

}  // namespace kernelgate

#pragma once
// Work that may hang or crash (a driver's first call) is done by a child with a time limit.

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace kernelgate {

struct ChildAnswer {
  std::string text;   ///< what the work returned; complete only when `error` is empty
  std::string error;  ///< "no answer within 60 s", "ended by signal 11", ...
};

/// Runs `work` in a forked child and waits for its answer. Call it before this process has threads: the
/// child has only the thread that called fork. The child's stdout is closed to it; it leaves no core file, and ends,
/// with all that it started, when it has answered, when the time is up, and when this process ends.
ChildAnswer run_in_child(const std::function<std::string()>& work, std::chrono::milliseconds limit);

/// Runs another program, found on PATH if its name has no slash, with these variables set too, and returns
/// what it wrote to stdout. `error` then begins with the last line of its stderr, if it wrote one. When the
/// time is up its whole process group is ended.
ChildAnswer run_program(const std::vector<std::string>& words, const std::map<std::string, std::string>& variables,
                        std::chrono::milliseconds limit);

}  // namespace kernelgate

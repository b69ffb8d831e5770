#pragma once
// Other processes, and waiting for them: work that may hang or crash (a driver's first call), and other programs.

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "harness/base/process/start_program.h"

namespace kernelgate {

struct ChildAnswer {
  std::string text;   ///< what the work returned; complete only when `error` is empty
  std::string error;  ///< "no answer within 60 s", "ended by signal 11", ...
};

/// Runs `work` in a forked child and waits for its answer. Call it before this process has threads: the
/// child has only the thread that called fork. The child's stdout is closed to it; it leaves no core file, and ends,
/// with all that it started, when it has answered, when the time is up, and when this process ends.
ChildAnswer run_in_child(const std::function<std::string()>& work, std::chrono::milliseconds limit);

using SayLine = std::function<void(std::string_view line)>;

/// As run_in_child, for work that says what it has found as it goes: `on_line` gets each line when it is there. The
/// limit is of the time to the first line, between two, and to the end. The answer has no text.
ChildAnswer follow_child(const std::function<void(const SayLine& say)>& work, std::chrono::milliseconds limit,
                         const std::function<void(const std::string& line)>& on_line);

/// Runs another program and returns what it wrote to stdout; its stdin is empty. `error` begins with the last line of
/// its stderr, if it wrote one. When the time is up its whole process group is ended.
ChildAnswer run_program(const ProgramCall& program, std::chrono::milliseconds limit);

/// Runs another program and waits for its end, however long that takes: Ctrl-C reaches it, and it ends by itself. Its
/// streams are this process's; with `log` what it writes goes there. Returns its exit code, or 128 + the signal that
/// ended it.
/// Errors  HarnessError (usage): it can't be started.
int run_to_end(const ProgramCall& program, const std::filesystem::path& log = {});

}  // namespace kernelgate

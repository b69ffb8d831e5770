#pragma once
// The one place that starts another program. What waits for it is in child_process.h.

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace kernelgate {

struct ProgramCall {
  std::vector<std::string> words;               ///< its name and its arguments
  std::string file = {};                        ///< empty: its name, looked for on PATH if that has no slash
  std::map<std::string, std::string> set = {};  ///< variables, besides this process's
  std::vector<std::string> unset = {};          ///< variables of this process that it does not get
};

/// The descriptors that become its streams; negative: this process's own.
struct Streams {
  int in = -1, out = -1, error = -1;
};

/// Starts it, in a process group of its own if `own_group`: then it gets no Ctrl-C, and can be ended with all that it
/// started. Returns 0 and the child, or the errno of what went wrong.
int start_program(const ProgramCall& program, const Streams& streams, bool own_group, pid_t& child);

}  // namespace kernelgate

#include "bench/run/process_runs.h"

#include <cstdlib>

#include "harness/base/process/child_process.h"

namespace kernelgate {

namespace {

/// A bundle may have started the program through a loader of its own, which /proc/self/exe then names.
std::string this_program() {
  const char* launcher = std::getenv("KERNELGATE_LAUNCHER");
  return launcher == nullptr || *launcher == '\0' ? "/proc/self/exe" : launcher;
}

// libgomp's threads spin while they wait, by default: where cores are shared that starves the very work they wait for,
// and a product of 0.3 ms takes up to 70. It reads this when it is loaded.
void let_threads_sleep() { setenv("GOMP_SPINCOUNT", "10000", 0); }

}  // namespace

int run_self(const std::vector<std::string>& arguments, const RunSelf& how) {
  let_threads_sleep();
  ProgramCall program{.words = {"kernelgate"},
                      .file = how.program.empty() ? this_program() : how.program.string(),
                      .unset = how.without_variables};
  program.words.insert(program.words.end(), arguments.begin(), arguments.end());
  return run_to_end(program, how.log);
}

}  // namespace kernelgate

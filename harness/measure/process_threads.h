#pragma once
// The threads of this process: what they used of the processors, and whether one still works.

#include <sys/types.h>

#include <vector>

namespace kernelgate {

class ProcessThreads {
 public:
  ProcessThreads() { refresh(); }

  /// Looks which threads there are.
  void refresh();

  /// What those threads have used so far. The clock of the whole process would be cheaper, but it counts what other
  /// threads than the caller used only once a tick of the kernel, some milliseconds.
  ///
  /// Units  seconds.
  double processor_s() const;

  /// Waits until none of them but the caller runs. A library's threads spin for a while in case more work comes
  /// (OpenMP's for milliseconds, some for a fifth of a second); what goes on for longer was left running.
  ///
  /// Units  seconds that it took; infinite: it gave up after a second.
  double settle();

 private:
  bool are_all() const;
  bool another_runs() const;

  std::vector<pid_t> threads_;
};

/// How often a thread of this process had to give its core to somebody else although it had work. Since it began.
long process_preemptions();

}  // namespace kernelgate

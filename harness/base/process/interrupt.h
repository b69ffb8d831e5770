#pragma once
// Ctrl-C, turned into a question that loops ask: what was measured so far is still written.

#include <sys/types.h>

namespace kernelgate {

/// From now on the signals that ask a program to stop set a flag: Ctrl-C, TERM, a terminal or a session that hangs up,
/// a batch system's warning (USR1, USR2) or its limit of processor time. A second Ctrl-C or TERM ends the program
/// at once. What nohup ignores stays ignored.
///
/// `from_parent_too`: of a process that this program started, which may get one signal twice, from its parent and with
/// its group. The parent's is none that counts as a second one.
void catch_interrupts(bool from_parent_too = false);

bool interrupted();

/// As long as it lives, a signal that asks this process to stop is passed on to `child`: whoever signals one process
/// alone, as kill and docker stop do, means its workers too.
class PassedOn {
 public:
  explicit PassedOn(pid_t child);
  ~PassedOn();
  PassedOn(const PassedOn&) = delete;
  PassedOn& operator=(const PassedOn&) = delete;
};

}  // namespace kernelgate

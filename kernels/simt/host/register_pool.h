#pragma once
// The registers of a block that setmaxnreg moves between its warpgroups.

#include <array>
#include <vector>

#include "kernels/simt/host/fault.h"

namespace kernelgate::simt::executor {

class RegisterPool {
 public:
  /// As a kernel is compiled that uses setmaxnreg: as many registers a thread as the launch bounds allow.
  void begin(unsigned threads);

  /// What each thread of the warpgroup may use.
  unsigned of(unsigned warpgroup) const { return held_[warpgroup]; }
  unsigned free() const { return free_; }
  void lower(unsigned warpgroup, unsigned registers);
  /// Whether it could: otherwise there are not enough yet.
  bool raise(unsigned warpgroup, unsigned registers);

  std::vector<Thread*> waiters;  ///< in inc, for others to give theirs back

 private:
  std::array<unsigned, 8> held_{};
  unsigned free_ = 0;  // by each thread of a warpgroup
};

/// The whole warpgroup executes them together. inc waits until others have given enough back.
///
/// Errors  Fault: not 24 to 256 in steps of 8; dec to more, or inc to less, than the group holds.
void set_max_registers(const Operation& operation, unsigned registers, bool more);

}  // namespace kernelgate::simt::executor

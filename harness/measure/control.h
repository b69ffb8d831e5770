#pragma once
// The control: a fixed work measured beside the cases, so that a slow machine is not taken for slower code.

#include <memory>

namespace kernelgate {

/// The same work on all usable cores each time: threads woken and joined as CPU libraries do, then
/// arithmetic and passes over memory of their own. What slows it is no code under measurement.
class Control {
 public:
  /// Starts one thread for each further core that the process may use. Errors  std::system_error.
  Control();
  ~Control();
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  /// Does the work once. Not to be called by two threads at once.
  ///
  /// Units  seconds; some 0.1 ms on a core of today.
  double time();

 private:
  class Team;
  std::unique_ptr<Team> team_;
};

}  // namespace kernelgate

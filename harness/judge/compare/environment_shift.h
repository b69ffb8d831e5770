#pragma once
// Whether the machine itself was another one: what the controls of two sides say.
//
// Two kinds of controls, and either is enough. The control kernels (harness/measure/controls.h) were timed before the
// first case and after the last, and say what moved; the control beside the cases (CPU) says that it moved while they
// ran. A control kernel moved where its change is beyond `control_shift` and beyond what its own noise allows:
//   y     of a run: the mean of log first and log last; of a night, where a side has several: the mean of its runs
//   d     = mean y of the new side - mean y of the base
//   noise = the widest of three of Student's intervals: from how y varies within the sides; from that shrunk to the
//         control's prior; from what first and last differ by, which is all that one run a side has of its own
//   moved: |d| > noise, such that all tests of a comparison together are wrong in 1 %
// The same for z = log last - log first, the new side's against the base's, from how z varies alone: it moved while the
// cases ran. A machine that warms up alike on both sides is the same machine.

#include <optional>
#include <string>
#include <vector>

#include "harness/sides/side.h"

namespace kernelgate {

struct CaseVerdict;

/// A change of less says nothing.
inline constexpr double control_shift = 0.03;
/// That any control is called moved on an unchanged machine.
inline constexpr double control_error_rate = 0.01;

/// One control kernel on two sides.
struct ControlMove {
  std::string name;
  double ratio = 1;        ///< new / base
  double drift_ratio = 1;  ///< last / first of the new side, over the base's
  bool moved = false, drifted = false;
};

struct EnvironmentShift {
  std::string text;  ///< one line: what moved and what that points at; empty: nothing was seen to
  /// One line: which controls one side lacks. Empty where none, where neither side has any, and where one has no cases,
  /// so that there is nothing to compare.
  std::string unknown;
  std::vector<ControlMove> controls;  ///< those that both sides know, by name
  /// The control kernel that moved most each way, as a change of log time; no name: none did.
  struct Most {
    std::string name;
    double change = 0;
  } slower, faster;
};

EnvironmentShift environment_shift(const Side& base, const Side& fresh, const std::vector<CaseVerdict>& cases);

/// One line where at least half of the cases that know a control beside them saw it move by more than `control_shift`
/// the same way; else empty.
std::string environment_shift(const std::vector<CaseVerdict>& cases);

/// Attributes to the environment what moved as the control kernels did: SLOWER where they were slower, FASTER where
/// faster; the reason names the control that moved most. Where nothing was declared to differ, SLOWER is then the
/// machine's, and to be measured again, however large it is: of a machine that moved nothing can be said of the code.
/// What was injected stays so. The control beside a case had its say already, in that case's own decision.
void attribute_to(const EnvironmentShift& shift, bool nothing_declared, std::vector<CaseVerdict>& cases);

}  // namespace kernelgate

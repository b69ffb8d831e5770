#pragma once
// Control kernels across reboots: what a whole boot was slower or faster by is taken off its cases.
//
// The controls that count are those whose machine code no driver changes and whose time is the GPU's own: `alu`,
// `tensor_core`, `dram_copy`. `launch` is the driver's work, and none of them.
//   c     of a boot: the mean over these of its controls' levels, log seconds
//   y     of a case's runs in that boot: less c - mean c of all boots
// It is done only where
//   the boots of one driver then differ less, over all cases: otherwise the controls would only add their own noise;
//   and no control moved between the drivers, beyond its own noise: what moved there may be what the new driver does
//   with clocks, and taking it off would hide it.

#include <string>

#include "harness/judge/compare/run_location.h"
#include "harness/sides/side.h"

namespace kernelgate {

struct BesideControls {
  bool taken = false;
  std::string text;  ///< one line: what was done, or why not
  /// Of how the boots of one driver differ, in variance: with the controls taken off, over as they are. 1: not known.
  double left = 1;
};

/// Changes both sides where it is taken. Both are of side_of_boots.
BesideControls take_off_controls(Side& base, Side& fresh, Noise noise);

}  // namespace kernelgate

#pragma once
// What all cases of one process run share: the machine it met. Without controls, the cases are each other's.

#include <vector>

#include "harness/sides/side.h"

namespace kernelgate {

/// The cases of one side, of which as many as can show it (fewest_for_scatter) have the same number of runs: the
/// i-th run of each is of one process. Takes from each run what the suite's middle case moved by in that process,
/// about its middle process, so that runs differ by what is the case's own. The side's level stays.
///
/// Shapes  one list of runs a case. Fewer cases, or one run: nothing is changed.
void take_off_common(std::vector<std::vector<RunSummary>*> cases);

}  // namespace kernelgate

#pragma once
// What is left of a process run for those who compare: which runs can be used, and what their clock and control are.

#include <string>

#include "harness/sides/side.h"

namespace kernelgate {

/// Why a run can't be used; empty: it can.
std::string fault_of(const CaseRun& run);

/// The summary of a run that can be used, but for its night, which takes the document's time, and its timer's step,
/// which takes another sort.
RunSummary summary_of(const CaseRun& run);

}  // namespace kernelgate

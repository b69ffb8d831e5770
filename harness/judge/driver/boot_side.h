#pragma once
// The boots of one driver as one side of a comparison.

#include <span>
#include <string>

#include "harness/result/result.h"
#include "harness/sides/side.h"

namespace kernelgate {

/// The boot that all of a result's process runs were in.
///
/// Errors  ResultError: it has none, or several.
std::string boot_of(const Result& result);

/// All process runs of all boots. The night of a control is its boot, so that boots are what its noise is counted by.
///
/// Errors  ResultError: no boots, or such as are not of one machine, build and suite.
Side side_of_boots(std::span<const Result> boots);

}  // namespace kernelgate

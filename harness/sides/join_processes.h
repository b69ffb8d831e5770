#pragma once
// Several files of another tool, each of one process, as one side.

#include <string>
#include <vector>

#include "harness/sides/side.h"

namespace kernelgate {

/// The runs of all parts, case by case. A case that one part lacks, or could not use, is so in the whole: what the
/// others say of it would be a choice. `names` are the parts' files, for messages; at least one part.
/// Errors  ResultError: parts that are ours or of two tools; two that hold the same figures; of two environments
/// (refused).
Side join_processes(std::vector<Side> parts, const std::vector<std::string>& names);

}  // namespace kernelgate

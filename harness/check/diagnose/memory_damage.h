#pragma once
// When a GPU's memory is no longer to be trusted.

#include <string>
#include <vector>

#include "harness/check/machine/gpu.h"

namespace kernelgate {

/// One line for each thing that is past repair, or has gone wrong since the driver was loaded; empty: none known.
///
/// Source  DCGM's level-1 diagnostic (nvvs): 512 rows, 63 pages.
std::vector<std::string> memory_damage(const Gpu& gpu);

}  // namespace kernelgate

#pragma once
// What the kernel's driver wrote into the kernel log, where that can be read.

#include <string>
#include <vector>

#include "harness/check/machine/probe.h"

namespace kernelgate {

/// Lines of this boot that are of NVRM, or of the loader's about the module nvidia; without time stamps, the newest
/// last, at most 40; empty also where the log can't be read.
std::vector<std::string> read_driver_log(const Probe& probe);

}  // namespace kernelgate

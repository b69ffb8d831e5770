#pragma once
// Reads what cuobjdump -res-usage prints: the figures of code whose ptxas log nobody kept. It has no spills.

#include <string>
#include <string_view>
#include <vector>

#include "harness/codegen/kernel_code.h"

namespace kernelgate {

/// The kernels of a program, an object or a cubin, not yet named; `file` names the source that they are said
/// to be from. `arch` is theirs where the text names none: cuobjdump says it of what is in a fat binary alone.
///
/// Errors  ResultError, one line: a function without its figures, or for no architecture.
/// Source  cuobjdump 13.2; testdata/ has what it printed.
std::vector<KernelCode> parse_resource_usage(std::string_view text, const std::string& where, const std::string& file,
                                             const std::string& arch = "");

}  // namespace kernelgate

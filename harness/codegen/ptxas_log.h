#pragma once
// Reads what ptxas says with -v: registers, stack, shared memory, and, which nothing else has, spills and notes.

#include <string>
#include <string_view>
#include <vector>

#include "harness/codegen/kernel_code.h"

namespace kernelgate {

/// The kernels and the device functions that were not inlined, in the order of the log; not yet named.
///
/// A log is of one or more files, each after a line `kernelgate: nvcc VERSION, SOURCE`
/// (cmake/keep_ptxas_log.sh). Lines before the first such line belong to `file`, of an unknown nvcc.
/// `where` names the log in errors.
///
/// Errors  ResultError, one line: a kernel without its figures, a note on a function that is not there, a
/// number that can't be.
/// Source  The text of nvcc 13.0.88's ptxas; testdata/ has it as it was written.
std::vector<KernelCode> parse_ptxas_log(std::string_view text, const std::string& where, const std::string& file = "");

/// Whether the code of a note says that wgmma runs one at a time: C7510 to C7515.
bool is_wgmma_serialisation(std::string_view code);

/// "matmul/sm75_multistage" of "kernels/matmul/sm75_multistage.cu".
std::string file_label(const std::string& source);

}  // namespace kernelgate

#pragma once
// The facts and the comparison of machine code for a person, and as JSON.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/codegen/codegen_comparison.h"

namespace kernelgate {

/// A table for each file: one kernel a line; of the instructions, the classes that any of the file's kernels has.
std::string table_text(const ArchCode& code);

/// The verdict and what it rests on, failures first.
std::string comparison_text(const CodegenComparison& comparison);

/// One architecture of `codegen --json`.
nlohmann::ordered_json to_json(const ArchCode& code, const CodegenComparison& comparison);

}  // namespace kernelgate

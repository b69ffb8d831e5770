#pragma once
// The instructions of the program's own kernels, as they were counted when it was built.

#include <optional>

#include "harness/codegen/read_kernels.h"

namespace kernelgate {

/// Nothing where there was no disassembler when the program was built: then one of today may be there.
std::optional<CountedCode> counted_code();

}  // namespace kernelgate

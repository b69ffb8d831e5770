#pragma once
// A library of the driver's, opened in a child process.

#include <string>

#include "harness/check/machine/symbol_source.h"

namespace kernelgate::accept {

/// Errors  DriverError: it can't be opened.
SymbolSource load_library(const std::string& name);

}  // namespace kernelgate::accept

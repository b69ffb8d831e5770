#pragma once
// Functions of a library that may not be there.

#include <functional>

namespace kernelgate {

/// The address of a function by its name, or null: dlsym on an opened library, a table in a test.
using SymbolSource = std::function<void*(const char* name)>;

}  // namespace kernelgate

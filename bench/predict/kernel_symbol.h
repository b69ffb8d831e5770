#pragma once
// The name of a function in this program.

#include <string>

namespace kernelgate {

/// The mangled name, from the program's symbol table: a kernel's host function is in no table that is loaded.
/// Errors  HarnessError(nothing): the program was stripped of its symbols, or no function begins there.
std::string function_symbol(const void* function);

}  // namespace kernelgate

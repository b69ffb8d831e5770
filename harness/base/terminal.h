#pragma once
// How wide the terminal is that a stream goes to.

#include <cstddef>
#include <cstdio>

namespace kernelgate {

/// Columns; 0: it goes to no terminal, or to one that does not say.
std::size_t terminal_columns(std::FILE* stream);

}  // namespace kernelgate

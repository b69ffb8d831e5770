#pragma once
// Reports in colour, where a terminal shows it.

#include <cstdio>
#include <string>

namespace kernelgate {

/// The text as it is, or with its verdicts in colour where the stream's terminal shows colour.
std::string coloured(std::string text, std::FILE* stream);

}  // namespace kernelgate

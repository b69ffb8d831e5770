#pragma once
// The content hash of a document: the same bytes are stored once.

#include <string>
#include <string_view>

namespace kernelgate::history {

/// SHA-256 in lower-case hexadecimal. Source  FIPS 180-4.
std::string sha256(std::string_view bytes);

}  // namespace kernelgate::history

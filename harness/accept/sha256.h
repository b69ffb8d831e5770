#pragma once
// SHA-256: a sum that whoever gets a file can check with a tool of their own.

#include <string>
#include <string_view>

namespace kernelgate {

/// 64 hexadecimal digits.
///
/// Source  FIPS 180-4.
std::string sha256_text(std::string_view bytes);

}  // namespace kernelgate

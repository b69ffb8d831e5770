#pragma once
// The hash by which a document's bytes are known, so that the same ones are stored once.

#include <string>
#include <string_view>

namespace kernelgate::history {

/// 32 hexadecimal digits, the same on every machine; tells apart what nobody forged.
///
/// Source  XXH3, 128 bits, in its canonical form (github.com/Cyan4973/xxHash).
std::string content_hash(std::string_view bytes);

}  // namespace kernelgate::history

#pragma once
// UTF-8, one character at a time.

#include <cstddef>
#include <string>
#include <string_view>

namespace kernelgate {

/// Bytes of the character that `text` begins with; 0 where it begins with none (RFC 3629: no overlong form, no half of
/// a surrogate pair, nothing beyond U+10FFFF), or with a control character of ASCII, which JSON forbids in a text.
std::size_t utf8_length(std::string_view text);

/// Whether `text` begins with a character that its end cuts.
bool utf8_cut(std::string_view text);

void append_utf8(std::string& to, char32_t code);

}  // namespace kernelgate

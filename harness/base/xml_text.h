#pragma once
// Foreign words in XML.

#include <string>
#include <string_view>

namespace kernelgate {

/// As text between tags or in an attribute's quotes. XML 1.0 has no control characters but tab and line ends, not even
/// escaped, nor half of a surrogate pair, U+FFFE and U+FFFF: each such character, and each byte that is no UTF-8,
/// becomes '?'.
std::string xml_escaped(std::string_view text);

}  // namespace kernelgate

#pragma once
// Foreign words in a page.

#include <string>
#include <string_view>

namespace kernelgate {

/// As text between tags or in an attribute's quotes.
std::string html_escaped(std::string_view text);

/// JSON that can't end the script that it is in, begin a comment there, or end a line of it. It says the same: outside
/// of strings JSON has none of these characters.
std::string json_in_script(std::string_view text);

}  // namespace kernelgate

#pragma once
// Text without the blanks around it.

#include <algorithm>
#include <string_view>

namespace kernelgate {

/// `text` without what `blanks` names at its beginning and its end: a view of the same characters.
constexpr std::string_view trimmed(std::string_view text, std::string_view blanks = " \t\r\n") {
  const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

}  // namespace kernelgate

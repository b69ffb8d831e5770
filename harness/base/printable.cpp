// Input as it may stand in a message.
#include "harness/base/printable.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace kernelgate {

std::string printable(std::string_view text, std::size_t limit) {
  std::string shown;
  for (const char c : text) {
    if (shown.size() >= limit) return shown + "...";
    const auto byte = static_cast<unsigned char>(c);
    shown += byte >= 0x20 && byte < 0x7f ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  return shown;
}

std::size_t character_at(std::string_view text, char32_t& code) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xC2 ? 0
                           : first < 0xE0 ? 2
                           : first < 0xF0 ? 3
                           : first < 0xF5 ? 4
                                          : 0;
  if (size == 0 || size > text.size()) return 0;
  static constexpr std::array<unsigned char, 5> kept{0, 0x7F, 0x1F, 0x0F, 0x07};
  code = first & kept[size];
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3F);
  }
  static constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code < least[size] || surrogate || code > 0x10FFFF ? 0 : size;
}

namespace {

/// Control characters of both sets, line and paragraph separators, and what turns the order of the letters round.
bool is_unseen(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x200B && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF;
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    char32_t code = 0;
    const std::size_t whole = character_at(text, code), size = whole == 0 ? 1 : whole;
    if (whole != 0 && !is_unseen(code))
      shown += text.substr(0, size);
    else if (code == '\n' && whole != 0)
      shown += "\\n";
    else
      for (const char c : text.substr(0, size)) shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    text.remove_prefix(size);
  }
  return shown;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  constexpr std::size_t longest = 32;
  a = a.substr(0, longest);
  b = b.substr(0, longest);
  std::array<std::size_t, longest + 1> row{};
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace kernelgate

#include "harness/base/utf8.h"

#include <algorithm>

namespace kernelgate {
namespace {

unsigned char byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

/// By the first byte alone; 0: none begins so.
std::size_t expected_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;  // a continuation, or the overlong form of ASCII
  if (first < 0xE0) return 2;
  if (first < 0xF0) return 3;
  return first < 0xF5 ? 4 : 0;
}

/// What the second byte may be after the first: the rest of the overlong forms, surrogates and the end of Unicode.
bool second_fits(unsigned char first, unsigned char second) {
  const unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  return second >= low && second <= high;
}

/// How many bytes of `text` go on with the character it begins with.
std::size_t fitting(std::string_view text, std::size_t length) {
  std::size_t fits = 1;
  for (; fits < std::min(length, text.size()); ++fits) {
    const unsigned char next = byte_at(text, fits);
    if (fits == 1 ? !second_fits(byte_at(text, 0), next) : (next & 0xC0) != 0x80) break;
  }
  return fits;
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  if (byte_at(text, 0) < 0x20) return 0;
  const std::size_t length = expected_length(byte_at(text, 0));
  return length > 0 && fitting(text, length) == length ? length : 0;
}

bool utf8_cut(std::string_view text) {
  if (text.empty()) return true;
  const std::size_t length = expected_length(byte_at(text, 0));
  return text.size() < length && fitting(text, length) == text.size();
}

void append_utf8(std::string& to, char32_t code) {
  const auto add = [&](char32_t byte) { to += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      add(0xE0 | code >> 12);
    } else {
      add(0xF0 | code >> 18);
      add(0x80 | (code >> 12 & 0x3F));
    }
    add(0x80 | (code >> 6 & 0x3F));
  }
  add(0x80 | (code & 0x3F));
}

}  // namespace kernelgate

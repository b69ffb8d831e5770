#include "harness/base/colour.h"

#include <unistd.h>

#include <cstdlib>

#include "harness/base/process/standard_streams.h"

namespace kernelgate {
namespace {

/// Of the sixteen colours that every terminal has, so that a user's own scheme holds on dark and on light ground.
std::string_view begin_of(Colour colour) {
  switch (colour) {
    case Colour::bad:
      return "\x1b[1;31m";
    case Colour::unsure:
      return "\x1b[33m";
    case Colour::good:
      return "\x1b[32m";
    case Colour::strong:
      return "\x1b[1m";
  }
  return "";
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '/';
}

const Paint* word_at(std::string_view text, std::size_t at, std::span<const Paint> words) {
  if (at > 0 && is_word(text[at - 1])) return nullptr;
  const Paint* longest = nullptr;
  for (const Paint& one : words) {
    const std::size_t end = at + one.word.size();
    if (!text.substr(at).starts_with(one.word) || (end < text.size() && is_word(text[end]))) continue;
    if (longest == nullptr || one.word.size() > longest->word.size()) longest = &one;
  }
  return longest;
}

}  // namespace

bool shows_colour(std::FILE* stream) {
  const char *refused = std::getenv("NO_COLOR"), *terminal = std::getenv("TERM");
  if (refused != nullptr && *refused != '\0') return false;
  return isatty(descriptor_of(stream)) != 0 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

std::string painted(std::string_view text, std::span<const Paint> words) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (const Paint* found = word_at(text, at, words)) {
      out.append(begin_of(found->colour)).append(found->word).append("\x1b[0m");
      at += found->word.size();
    } else {
      out += text[at++];
    }
  }
  return out;
}

}  // namespace kernelgate

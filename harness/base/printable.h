#pragma once
// Input as it may stand in a message: one line, printable, short.

#include <string>
#include <string_view>

namespace kernelgate {

/// Control characters and bytes beyond ASCII become \xNN; what is longer than `limit` ends in "...".
std::string printable(std::string_view text, std::size_t limit = 60);

/// The same of a text of any length whose letters may be of any script: what can't be seen, or steers a terminal or the
/// order of the letters, becomes \xNN, byte by byte; so does what is no UTF-8. Line breaks become \n.
std::string one_line(std::string_view text);

/// How many bytes from the beginning of `text`, which is not empty, are one character of UTF-8, and which; 0: none are.
std::size_t character_at(std::string_view text, char32_t& code);

/// The word of `known` that `word` was probably meant to be; empty when none is near.
template <class Words>
std::string nearest_word(std::string_view word, const Words& known);

/// Insertions, deletions and replacements between two words, of which only the first 32 characters count.
std::size_t edit_distance(std::string_view a, std::string_view b);

template <class Words>
std::string nearest_word(std::string_view word, const Words& known) {
  std::string nearest;
  std::size_t least = 3;  // two slips of the keyboard, not a different word
  for (const auto& candidate : known) {
    const std::string_view other = candidate;
    const std::size_t distance = edit_distance(word, other);
    if (distance >= least || distance >= other.size()) continue;
    least = distance;
    nearest = std::string(other);
  }
  return nearest;
}

}  // namespace kernelgate

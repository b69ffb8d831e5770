#pragma once
// Colour for terminals: words that say how it went.

#include <cstdio>
#include <span>
#include <string>
#include <string_view>

namespace kernelgate {

enum class Colour { bad, unsure, good, strong };

/// A word, and how it is shown wherever it stands by itself.
struct Paint {
  std::string_view word;
  Colour colour;
};

/// Whether a stream goes to a terminal that shows colour, and nobody has set NO_COLOR.
///
/// Source  https://no-color.org: set, and not empty. TERM=dumb is a terminal without.
bool shows_colour(std::FILE* stream);

/// The text with escape sequences round these words; the longest that fits is taken. A word is by itself where neither
/// a letter, nor a digit, nor `_` or `/` is beside it, so that names of cases stay as they are. Widths are as before.
std::string painted(std::string_view text, std::span<const Paint> words);

}  // namespace kernelgate

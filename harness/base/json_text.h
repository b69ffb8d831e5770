#pragma once
// JSON from text. nlohmann's values, read by a reader of our own: five times as fast on documents that are mostly
// samples, and one that says where a document is cut, nested without end, or ambiguous.

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace kernelgate {

/// What to do with numbers that JSON lacks: NaN, Infinity, 1e400.
enum class NotFinite {
  refuse,
  as_text,  ///< keep the word as a text, for whoever wants a number there to say what was found instead
};

/// Deeper nesting is refused: no document of ours has more than ten levels, and each takes stack.
inline constexpr int deepest_json = 100;

/// Strict JSON (RFC 8259) in UTF-8, with or without a byte order mark.
/// Errors  ResultError, one line that names `where` and the byte: empty, truncated, not JSON, not UTF-8, a key that is
/// twice in one object, a number out of range, nested too deep.
nlohmann::json parse_json(std::string_view text, const std::string& where, NotFinite not_finite = NotFinite::refuse);

/// nlohmann's text without its "[json.exception.type_error.302] ".
std::string plain(const nlohmann::json::exception& error);

}  // namespace kernelgate

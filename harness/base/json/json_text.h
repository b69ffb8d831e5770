#pragma once
// JSON of results: nlohmann's values from a text, and one line on what is wrong with it.

#include <exception>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "harness/base/json/json_reader.h"

namespace kernelgate {

/// Deeper nesting is refused: no document of ours has more than ten levels, and each takes stack.
inline constexpr int deepest_json = 100;

/// Strict JSON (RFC 8259) in UTF-8, with or without a byte order mark.
/// Errors  ResultError, one line that names `where` and the byte: empty, truncated, not JSON, not UTF-8, a key that is
/// twice in one object, a number out of range, nested too deep.
nlohmann::json parse_json(const std::string& text, const std::string& where, JsonDialect dialect = JsonDialect::strict);

/// nlohmann's text without its "[json.exception.type_error.302] ".
std::string plain(const std::exception& error);

}  // namespace kernelgate

#pragma once
// JSON text as nlohmann's values, read by simdjson.

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "harness/base/json/json_fault.h"

namespace kernelgate {

/// What is read.
enum class JsonDialect {
  strict,
  /// As other programs write it: a number that JSON lacks (NaN, Infinity, 1e400) stays as a text, for whoever wants a
  /// number there to say what was found instead; and of a key that is twice in a row of a list the first counts, for
  /// Google Benchmark writes its own fields before a user's counters of the same name.
  of_others,
};

/// A text with so much room behind its end is read without being copied: simdjson reads by blocks.
inline constexpr std::size_t json_padding = 64;

/// The value of strict JSON (RFC 8259) in UTF-8, with or without a byte order mark. `deepest` is how many objects and
/// arrays may hold one another.
/// Errors  JsonFault.
nlohmann::json json_of(const std::string& text, JsonDialect dialect, int deepest);

}  // namespace kernelgate

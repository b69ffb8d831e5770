#pragma once

#include <string_view>

#include <simdjson.h>

namespace kernelgate {

/// A member's name with its escapes resolved; lives as long as the document. simdjson 3.0 takes no argument there, and
/// 3.6 wants one: whether to put up with half a surrogate pair.
/// Errors  simdjson_error.
template <class Field>
std::string_view key_of(Field& field) {
  if constexpr (requires { field.unescaped_key(); })
    return field.unescaped_key();
  else
    return field.unescaped_key(false);
}

}  // namespace kernelgate

#pragma once
// What is wrong with a text that should be JSON: what every message about it is made of.

#include <cstddef>
#include <string>
#include <string_view>

namespace kernelgate {

/// Why a text can't be used as JSON.
struct JsonFault {
  enum class Kind { not_json, key_twice, too_deep, out_of_range };
  Kind kind;
  std::size_t at = 0;     ///< where, in bytes from 0; the text's size: its end cuts it. Not known for too_deep
  std::string what = {};  ///< the key or the number, as read
};

/// Throws the JsonFault of a text that simdjson refused: where nlohmann's parser stops, since simdjson doesn't say.
[[noreturn]] void find_json_fault(std::string_view text, int deepest);

}  // namespace kernelgate

#pragma once
// JSON files that are part of the program. Defined in sources that cmake/embed_texts.cmake writes.

#include <span>
#include <string_view>

namespace kernelgate {

struct EmbeddedText {
  std::string_view name;  ///< the file's, without ".json"
  std::string_view text;
};

std::span<const EmbeddedText> compat_texts();  ///< harness/check/knowledge/data
std::span<const EmbeddedText> policy_texts();  ///< harness/check/require/policies

}  // namespace kernelgate

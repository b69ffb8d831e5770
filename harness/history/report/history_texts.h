#pragma once
// Files that are in the program: written by cmake/embed_texts.cmake at build time.

#include <string_view>

#include "harness/page/page.h"

namespace kernelgate::history_texts {

extern const std::string_view history_body;
extern const InlineText history_script;

}  // namespace kernelgate::history_texts

#pragma once
// Files that are in the program: written by cmake/embed_texts.cmake at build time.

#include <string_view>

#include "harness/page/page.h"

namespace kernelgate::driver_texts {

extern const std::string_view driver_body;
extern const InlineText driver_script;

}  // namespace kernelgate::driver_texts

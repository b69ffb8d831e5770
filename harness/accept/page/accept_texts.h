#pragma once
// Files that are in the program: written by cmake/embed_texts.cmake at build time.

#include <string_view>

#include "harness/page/page.h"

namespace kernelgate::accept_page_texts {

extern const std::string_view accept_body;
extern const InlineText accept_script;

}  // namespace kernelgate::accept_page_texts

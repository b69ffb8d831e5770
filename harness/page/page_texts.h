#pragma once
// Files that are in the program: written by cmake/embed_texts.cmake at build time.

#include <string_view>

#include "harness/page/page.h"

namespace kernelgate::page_texts {

extern const std::string_view page_html;
extern const InlineText page_style;
extern const InlineText page_script;
extern const InlineText table_script;
extern const InlineText chart_script;
extern const InlineText chart_library;  ///< empty: it was not installed when the program was built

}  // namespace kernelgate::page_texts

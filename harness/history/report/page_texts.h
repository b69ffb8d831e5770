#pragma once
// Files that are in the program: written by cmake/embed_texts.cmake at build time.

#include <string_view>

namespace kernelgate::history {

extern const std::string_view page_html;
extern const std::string_view page_script;
extern const std::string_view chart_library;  ///< empty: it was not installed when the program was built

}  // namespace kernelgate::history

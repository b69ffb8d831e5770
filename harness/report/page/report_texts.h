#pragma once
// Files that are in the program: written by cmake/embed_texts.cmake at build time.

#include <string_view>

#include "harness/page/page.h"

namespace kernelgate::report_texts {

extern const std::string_view report_body;
extern const InlineText case_charts_script;
extern const InlineText machine_charts_script;
extern const InlineText report_script;

}  // namespace kernelgate::report_texts

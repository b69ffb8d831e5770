#pragma once
// A sheet as a person or a CI server reads it.

#include <string>

#include "harness/accept/sheet.h"

namespace kernelgate::accept {

/// The verdict first, then each GPU with what it did not pass, then all that was not tested, by reason.
std::string sheet_as_text(const Sheet& sheet, bool strict);

/// A test case for each test of each GPU, and one for the whole.
std::string sheet_as_junit(const Sheet& sheet, bool strict);

/// One page that prints.
std::string sheet_as_html(const Sheet& sheet, bool strict);

}  // namespace kernelgate::accept

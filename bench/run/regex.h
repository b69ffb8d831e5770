#pragma once
// POSIX extended regular expressions, the dialect of Google Benchmark's filters.

#include <functional>
#include <string>

namespace kernelgate {

/// A search for `pattern` in a text. `where` names the option or variable that it came from.
/// Errors  HarnessError (usage) with the compiler's words.
std::function<bool(const std::string&)> regex_search(const std::string& pattern, const std::string& where);

}  // namespace kernelgate

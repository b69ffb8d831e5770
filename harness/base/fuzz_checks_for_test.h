#pragma once
// What every fuzz target demands of the errors that it provokes.

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "harness/base/error.h"

namespace kernelgate {

inline void fuzz_require(bool holds, const char* what, std::string_view input) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n  %.*s\n", what, static_cast<int>(input.size()), input.data());
  std::abort();
}

/// A usage error of one printable line, and no longer than somebody reads, however long the input was.
inline void require_clear_error(const HarnessError& error) {
  const std::string_view text = error.what();
  fuzz_require(error.code == ExitCode::usage, "the exit code is usage", text);
  fuzz_require(!text.empty() && text.size() < 500, "an error has 1 to 499 characters", text);
  for (const char c : text) fuzz_require(c >= 0x20 && c < 0x7f, "an error is one printable line", text);
}

}  // namespace kernelgate

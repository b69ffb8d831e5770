#pragma once
// What the harness throws, and the program's exit codes.

#include <stdexcept>
#include <string>

namespace kernelgate {

/// The same everywhere; see README. When several apply, the worst wins: 2, 6, 5, 3, 77, 4, in this order.
enum class ExitCode : int {
  good = 0,
  usage = 1,         ///< usage or internal error
  wrong = 2,         ///< a wrong result
  regression = 3,    ///< a confirmed regression
  inconclusive = 4,  ///< under --strict only
  refused = 5,       ///< the environment was refused, or two results are not comparable
  invalid = 6,       ///< throttled, XID, too few samples
  nothing = 77,      ///< nothing could be measured
};

/// The worse of two, by the order above; usage (1) beats all but never meets them in a finished run.
ExitCode worse(ExitCode a, ExitCode b);

/// An error with the exit code that it ends the program with; its text is one line for a person.
struct HarnessError : std::runtime_error {
  HarnessError(ExitCode exit_code, const std::string& text) : std::runtime_error(text), code(exit_code) {}
  ExitCode code;
};

/// A result, baseline or other document that can't be read, written or used.
struct ResultError : HarnessError {
  explicit ResultError(const std::string& text, ExitCode exit_code = ExitCode::usage) : HarnessError(exit_code, text) {}
};

}  // namespace kernelgate

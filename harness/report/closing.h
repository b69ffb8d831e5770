#pragma once
// The last words of a run or a comparison: what was decided, what the exit code means, what to do next.

#include <string>

#include "harness/base/error.h"
#include "harness/judge/compare/compare.h"
#include "harness/result/result.h"

namespace kernelgate {

struct Closing {
  ExitCode code = ExitCode::good;
  const Comparison* comparison = nullptr;  ///< never null
  const Result* result = nullptr;          ///< null: two files were compared, and nothing was run
  std::string result_path = {};            ///< where the run's result is
  bool against_build = false;              ///< fresh runs of both builds decided
};

/// Three lines, each with its end: "Decided: ...", "Exit code 3: ...", "Next: ...".
std::string closing_text(const Closing& closing);

}  // namespace kernelgate

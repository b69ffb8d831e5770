#pragma once
// The last words of a run or a comparison: what was decided, what the exit code means, what to do next.

#include <string>

#include "harness/base/error.h"
#include "harness/judge/compare/compare.h"
#include "harness/result/result.h"

namespace kernelgate {

struct Closing {
  ExitCode code = ExitCode::good;
  const Comparison* comparison = nullptr;  ///< null: a result was looked at, and compared with nothing
  const Result* result = nullptr;          ///< null: two files were compared, and nothing was run
  std::string result_path = {};            ///< where the run's result is
  bool against_build = false;              ///< fresh runs of both builds decided
};

/// The same in parts, each of one line.
struct ClosingWords {
  std::string decided;  ///< "slower is matmul/... (+10.2 %) and 1 more"
  std::string meaning;  ///< of the exit code
  std::string next;     ///< the command
};
ClosingWords closing_words(const Closing& closing);

/// The verdict on the whole in a word or two, "SLOWER", and whether that is good news.
enum class News { good, bad, unsure, none };
struct Headword {
  std::string word;
  News news = News::none;
};
Headword headword(const Closing& closing);

/// Three lines, each with its end: "Decided: ...", "Exit code 3: ...", "Next: ...".
std::string closing_text(const Closing& closing);

/// What a result alone says: wrong, invalid, interrupted, or that nothing was measured.
ExitCode code_of(const Result& result);

}  // namespace kernelgate

#pragma once
// `kernelgate compare --fleet FOLDER` without a new card: who in the folder is slower than the others?

#include <filesystem>
#include <string>

#include "harness/base/error.h"

namespace kernelgate {

struct SurveyRequest {
  std::filesystem::path folder, drain;  ///< drain: where the list of who is slow goes; empty: nowhere
  std::string threshold;
  bool json = false, strict = false;
};

/// Prints what was found. 3 where somebody is slow, 4 with `strict` where nobody can be compared. Errors  ResultError:
/// no such folder; HarnessError(usage): no result in it.
ExitCode survey_folder(const SurveyRequest& request);

}  // namespace kernelgate

#pragma once
// A folder of results as a fleet: what is left of each card.

#include <filesystem>
#include <string>
#include <vector>

#include "harness/history/store/sources.h"
#include "harness/judge/fleet/survey.h"

namespace kernelgate {

struct SurveyRead {
  std::vector<SurveyCard> cards;  ///< what was measured of a card several times is averaged
  std::vector<std::string> cases;
  std::vector<std::string> groups;  ///< what each group differs in from the largest
  history::Found found;             ///< what could not be used, and why
  std::size_t left_out = 0;         ///< interrupted or injected results
};

/// One result at a time, so that thousands need no more memory than a few. Errors  ResultError: no such folder.
SurveyRead read_survey(const std::filesystem::path& folder);

}  // namespace kernelgate

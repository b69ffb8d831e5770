#pragma once
// What a survey of a fleet found: for people, for programs, and for whoever drains nodes.

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "harness/judge/fleet/survey.h"

namespace kernelgate {

/// Verdict first.
std::string survey_text(const Survey& survey);

/// A line a machine, its name first, so that `cut -d' ' -f1` gives the names: "node005  # GPU-37 +3.1 %: ...". A card
/// of no known machine is named itself.
std::string drain_list(const Survey& survey);

nlohmann::json to_json(const Survey& survey);

}  // namespace kernelgate

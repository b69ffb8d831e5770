#pragma once
// Predictions for people and for programs. Both say what they are.

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "bench/predict/predict_suite.h"

namespace kernelgate {

/// All cases, and those for whose problem the vendor's time is stored beside it.
std::string suite_text(const PredictedSuite&);
nlohmann::ordered_json to_json(const PredictedSuite&);

/// "~" where a figure's error is not known, a blank where it is; and what that means.
const char* mark_of(const CasePrediction&);
inline constexpr const char* mark_text =
    "~: TMA, wgmma or clusters. No kernel that has them was measured, so how wrong these figures are is not known.\n";

/// What a graph's figure leaves out, a line for each part; empty: nothing.
std::string left_out_text(const CasePrediction&);

/// Each case's launches in its hot state, explained.
std::string explanation(const PredictedSuite&);

/// "no figure may be trusted beyond ...": how wrong the predictions of a GPU were where they could be compared.
std::string known_error(const predict::Gpu&);

}  // namespace kernelgate

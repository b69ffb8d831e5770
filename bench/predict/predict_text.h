#pragma once
// Predictions for people and for programs. Both say what they are.

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "bench/predict/predict_suite.h"

namespace kernelgate {

std::string suite_text(const PredictedSuite&);
nlohmann::ordered_json to_json(const PredictedSuite&);

/// Each case's launches in its hot state, explained.
std::string explanation(const PredictedSuite&);

/// "no figure may be trusted beyond ...": how wrong the predictions of a GPU were where they could be compared.
std::string known_error(const predict::Gpu&);

}  // namespace kernelgate

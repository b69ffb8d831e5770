#pragma once
// A kernel's tile policies, the quickest first.

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bench/predict/predict_suite.h"

namespace kernelgate {

struct RankedPolicy {
  std::string policy;
  CasePrediction prediction;
  bool chosen = false;  ///< what the kernel takes by itself
};

struct PolicySweep {
  std::string name;                  ///< the case's
  std::vector<RankedPolicy> ranked;  ///< by the hot time; those without a prediction last
};

/// Cases whose kernel has more than one policy. Errors  as predict_case.
std::vector<PolicySweep> sweep_policies(const PredictedSuite::Selection&, const predict::Gpu&, const PredictOptions&);

std::string to_text(const std::vector<PolicySweep>&, const predict::Gpu&);
nlohmann::ordered_json to_json(const std::vector<PolicySweep>&, const predict::Gpu&);

}  // namespace kernelgate

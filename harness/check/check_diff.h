#pragma once
// Two environments side by side: may their results be compared, and what differs.

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace kernelgate {

enum class Sameness { same, driver_only, different };

struct EnvironmentDiff {
  Sameness sameness = Sameness::same;
  std::vector<std::string> identity;    ///< "driver: 570.211.01 -> 580.95.05": what decides
  std::vector<std::string> covariates;  ///< what differs and does not decide
  std::string verdict() const;          ///< in one line
};

/// Of what `kernelgate check --json` or `kernelgate run` wrote: its fingerprints, one for each GPU, or the CPU's.
///
/// Errors  HarnessError(usage): neither of the two, or no fingerprint in it; `name` names the document.
std::vector<nlohmann::json> fingerprints_of(const nlohmann::json& document, const std::string& name);

/// GPUs are paired by UUID where all have one in both; else by their number.
EnvironmentDiff diff_environments(const std::vector<nlohmann::json>& before, const std::vector<nlohmann::json>& after);

/// Keys: schema_version, kind, verdict, identity, covariates.
nlohmann::json to_json(const EnvironmentDiff& diff);

}  // namespace kernelgate

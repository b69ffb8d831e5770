#pragma once
// What a user requires of the machine: "driver>=580.65.06,vram>=16GiB,cc>=8.0,count>=1".

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/environment/facts.h"

namespace kernelgate {

/// One line of a requirement: a key, an operator, a value, as written.
struct Requirement {
  std::string key;       ///< driver, cuda, cc, vram, count, ecc, mig, persistence
  std::string relation;  ///< ">=", ">", "<=", "<", "==", "!="
  std::string value;
  std::string text() const { return key + relation + value; }
};

struct RequirementOutcome {
  Requirement requirement;
  bool met = false;
  std::string actual;  ///< what is there, or why it is not known (and so not met)
};

/// Comma-separated; spaces are allowed; `=` means `==`. Values: driver a driver version, cuda a CUDA version
/// that the driver must support, cc a compute capability, vram bytes with a unit (GB, GiB, MB, MiB), count a
/// number of GPUs that CUDA sees, ecc, mig and persistence on or off.
///
/// Errors  HarnessError (usage) that names the piece and says what is right.
std::vector<Requirement> parse_requirements(std::string_view text);

/// What concerns a GPU must hold for each one that CUDA sees; with none of those it is not met.
std::vector<RequirementOutcome> evaluate(const std::vector<Requirement>& requirements, const Environment& environment);

nlohmann::json to_json(const std::vector<RequirementOutcome>& outcomes);

}  // namespace kernelgate

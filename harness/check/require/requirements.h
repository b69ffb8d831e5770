#pragma once
// What a user requires of the machine: "driver>=580.65.06,vram>=16GiB,cc>=8.0,count>=1".

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/check/knowledge/compat_db.h"
#include "harness/check/machine/facts.h"

namespace kernelgate {

/// One line of a requirement: a key, an operator, a value.
struct Requirement {
  std::string key;       ///< one of requirement_keys()
  std::string relation;  ///< ">=", ">", "<=", "<", "==", "!="
  std::string value;     ///< with == and !=: alternatives, "535|550"
  std::string text() const { return key + relation + value; }
};

struct RequirementOutcome {
  Requirement requirement;
  bool met = false;
  bool known = true;   ///< false: a fact is missing, and so it is not met
  std::string actual;  ///< what is there, or why it is not known; of several GPUs those that break it, and how many not
  std::vector<std::string> breaks = {};  ///< the GPUs or frameworks that break it; empty: the machine does, or none
};

/// Comma-separated; spaces around the parts are allowed; `=` means `==`, for pcie `>=`. The keys and their
/// values are in requirement_keys.cpp and docs/policies.md. `source` is what an error names first.
///
/// Errors  HarnessError (usage): one line that names the piece and says what is right.
std::vector<Requirement> parse_requirements(std::string_view text, const std::string& source = "--require");

/// What concerns a GPU must hold for each one that CUDA sees; with none of those it is not met. `today`
/// ("2026-11-22") is for what has an end of life; without it that is not known.
std::vector<RequirementOutcome> evaluate(const std::vector<Requirement>& requirements, const Environment& environment,
                                         const CompatDb& compat = CompatDb::shipped(), const std::string& today = "");

/// "met", "NOT MET", "UNKNOWN".
const char* state_text(const RequirementOutcome& outcome);

nlohmann::json to_json(const RequirementOutcome& outcome);
nlohmann::json to_json(const std::vector<RequirementOutcome>& outcomes);

/// "driver, cuda, ...", for help.
std::string requirement_key_names();

}  // namespace kernelgate

#pragma once
// Whether the frameworks that are installed here will run on this machine's GPU.

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/check/knowledge/compat_db.h"
#include "harness/check/knowledge/version_verdict.h"
#include "harness/check/machine/facts.h"

namespace kernelgate {

struct FrameworkVerdict {
  Framework framework;
  VersionState state = VersionState::unknown;  ///< of its CUDA with this driver
  Fact<bool> uses_gpu = {};                    ///< what its own is_available() would say, or its list of devices
  std::string text;                            ///< one line: what it was built for, and how that goes here
  std::string problem;                         ///< empty: none known
  std::vector<std::string> remedies;
};

/// Judged from the tables and the facts alone. Where a framework's architectures are not known, by what its
/// toolkit can compile for; that it has them all can't be told so.
std::vector<FrameworkVerdict> judge_frameworks(const Environment& environment, const CompatDb& compat);

nlohmann::json to_json(const std::vector<FrameworkVerdict>& verdicts);

}  // namespace kernelgate

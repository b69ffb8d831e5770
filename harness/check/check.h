#pragma once
// The check: reads the machine, draws the findings, and says whether a GPU can be measured here.

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/base/error.h"
#include "harness/check/diagnose/diagnose.h"
#include "harness/check/knowledge/framework_verdict.h"
#include "harness/check/knowledge/version_verdict.h"
#include "harness/check/machine/facts.h"

namespace kernelgate {

inline constexpr int check_schema_version = 3;

struct CheckReport {
  Environment environment;
  VersionVerdict versions;
  std::vector<FrameworkVerdict> frameworks;  ///< those installed here, and whether they will run
  std::vector<Finding> findings;             ///< failures first found first; only the cause has severity `failure`
  bool gpu_usable = false;                   ///< by the machine's state, whatever this build of the program needs
  bool gpu_present = false;
  std::string headline;                 ///< the machine's verdict in one line, and last what this build lacks for it
  std::vector<Finding> build_findings;  ///< what this build needs and does not find here

  std::vector<Finding> all_findings() const;  ///< the machine's, then the build's

  /// This build can measure the GPU that is usable.
  bool build_fits() const;

  /// Of the machine alone: 0, 5 for a GPU that can't be used, 77 where there is none; `strict`: 5 for warnings too.
  ExitCode exit_code(bool strict) const;
};

CheckReport run_check(const Probe& probe, const CheckOptions& options);

/// Keys: schema_version, kind, headline, gpu_present, gpu_usable, environment, findings, build.
nlohmann::json to_json(const CheckReport& report);
nlohmann::json to_json(const std::vector<Finding>& findings);

}  // namespace kernelgate

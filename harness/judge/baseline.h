#pragma once
// Baselines: results that somebody accepted. baselines/<device>/<op>.json, one case a line, sorted by name.

#include <filesystem>
#include <string>
#include <vector>

#include "harness/judge/compare.h"
#include "harness/judge/side.h"

namespace kernelgate {

inline constexpr int baseline_schema_version = 1;

/// One case: run summaries instead of raw samples, so that the files stay small enough for git.
struct BaselineCase {
  SideCase measured;
  std::string accepted_utc;  ///< this case's own; the header's is the last acceptance of the file
  std::string commit;
};

/// One file.
struct Baseline {
  std::string device, device_kind, op, suite;
  std::string accepted_utc, accepted_by, reason;
  bool dirty = false;  ///< accepted under --allow-dirty: from a build that nobody can rebuild
  nlohmann::json build, fingerprint;
  std::vector<BaselineCase> cases;
};

struct AcceptOptions {
  std::string reason;       ///< why it is accepted; must not be empty
  std::string accepted_by;  ///< who
  std::string accepted_utc;
  bool allow_dirty = false;
  bool replace = false;  ///< start anew where the stored environment is another
};

/// Accepts a result: one file an op is written or merged into; cases that the result lacks are kept.
/// Everything is checked before anything is written. Returns the files.
/// Errors  ResultError, one line with the remedy: an injected or interrupted result, a wrong, invalid or
/// failed case, nothing measured, a dirty or sanitizer build (usage); another environment than the stored
/// one (refused).
std::vector<std::filesystem::path> accept_baseline(const Result& result, const std::filesystem::path& folder,
                                                   const AcceptOptions& options);

/// Errors  ResultError, one line: unreadable, not JSON, another schema, not valid.
Baseline read_baseline(const std::filesystem::path& path);
Baseline baseline_from_json(const nlohmann::json& document, const std::string& where);

/// The baselines of a device, sorted by op; empty when there are none. Errors  as read_baseline.
std::vector<Baseline> read_baselines(const std::filesystem::path& folder, const std::string& device);

Side side_of(const Baseline& baseline);

/// A run against what is stored for its device, op by op. Cases of a baseline that the run was not asked for
/// are left out when `options.subset` is set. Errors  as read_baseline and compare.
Comparison compare_with_baselines(const std::filesystem::path& folder, const Result& fresh,
                                  const CompareOptions& options);

/// A file that may be a result, a baseline, or another tool's; or several of another tool's, joined by commas, each of
/// which is one process run. `metric`: which of another tool's figures; empty: its default.
/// Errors  ResultError, one line: as the formats' readers; files that can't be one side, or are one and the same.
Side read_side(const std::filesystem::path& path, const std::string& metric = {});

}  // namespace kernelgate

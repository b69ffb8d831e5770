#pragma once
// Baselines: results that somebody accepted. baselines/<device>/<op>.json (baseline_path.h), one case a line, sorted by
// name; the raw samples beside it (baseline_samples.h). docs/baselines.md says what each field is for.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/judge/compare/compare.h"
#include "harness/sides/side.h"
#include "harness/sides/variance_components.h"

namespace kernelgate {

inline constexpr int baseline_schema_version = 2;

/// Half a year: drivers, heat paste and people change; what was agreed then is looked at again.
inline constexpr int baseline_expiry_days = 180;
/// Of a segment, which rolls: two months say what a machine does now.
inline constexpr int baseline_window_nights = 60;
/// Of the anchor, which never rolls: what the screen asks of a baseline (14 nights) for finding slow drift.
inline constexpr int baseline_anchor_nights = 14;
/// After so many days without a new night it is said.
inline constexpr int baseline_stale_days = 14;
/// Below either, a baseline is provisional: it can't know what nights and boots do.
inline constexpr int settled_nights = 5, settled_boots = 2;

/// One acceptance: what was agreed to be the level from then on.
struct Segment {
  std::string id, started_utc, reason, accepted_by, commit;
};

/// Where the program that measured it is kept, for fresh blocks of both builds.
struct StoredBuild {
  std::string path, commit;
};

/// The sidecar of raw samples.
struct SampleFile {
  std::string file;  ///< beside the baseline
  std::uint64_t bytes = 0;
  std::uint32_t crc32 = 0;  ///< of the compressed file
  std::size_t runs = 0;
};

/// One case.
struct BaselineCase {
  SideCase measured;         ///< its runs: the window of its segment
  std::string accepted_utc;  ///< this case's own; the header's is the last acceptance of the file
  std::string commit;
  std::string segment;                        ///< id
  std::vector<RunSummary> anchor;             ///< the first nights of its first segment; never rolled
  std::string anchor_segment;                 ///< id
  std::optional<VarianceComponents> carried;  ///< what earlier segments knew of the noise
};

/// One file.
struct Baseline {
  std::string device, device_kind, op, suite;
  std::string id, parent;  ///< of this content, and of what it replaced; empty: the first
  std::string accepted_utc, accepted_by, reason;
  std::string expires_utc;            ///< empty: never
  std::string extended_utc;           ///< when the last night came in; empty: not since it was accepted
  std::string source = "kernelgate";  ///< whose figures these are, as Side::source
  bool dirty = false;                 ///< accepted under --allow-dirty: from a build that nobody can rebuild
  nlohmann::json build, fingerprint;
  std::optional<StoredBuild> archived;
  std::optional<SampleFile> samples;
  std::vector<Segment> segments;  ///< oldest first
  std::vector<ControlSummary> controls;
  std::vector<BaselineCase> cases;
  std::vector<std::string> notes;  ///< what reading it found, one line each; not stored
  std::filesystem::path path;      ///< where it was read from; not stored
};

/// Of its own runs and of what was carried over.
VarianceComponents known_spread(const BaselineCase& one);

/// Fewer nights or boots than a settled one has.
bool provisional(const BaselineCase& one);
/// Any of its cases is. `text`: "1 of 5 nights, 0 of 2 boots", of the worst.
struct Provisional {
  bool is = false;
  std::string text;
};
Provisional provisional(const Baseline& baseline);

/// Which cases there are and what their work is, as a short code: another suite, another code.
std::string suite_version(const Baseline& baseline);

struct AcceptOptions {
  std::string reason;       ///< why it is accepted; must not be empty
  std::string accepted_by;  ///< who
  std::string accepted_utc;
  bool allow_dirty = false;
  bool anyway = false;   ///< though it was measured under load, or varies more than a baseline should
  bool replace = false;  ///< start anew where the stored environment is another
  int expires_days = baseline_expiry_days;
  std::optional<StoredBuild> archived = std::nullopt;
};

/// Accepts a result: one file an op is written or merged into. Its cases start a new segment, which keeps their anchor
/// and what was known of their noise; cases that the result lacks stay as they are.
/// Everything is checked before anything is written. Returns the files.
/// Errors  ResultError, one line with the remedy: an injected or interrupted result, a wrong, invalid or
/// failed case, nothing measured, measured under load or with a large spread, a dirty or sanitizer build, an archived
/// build of another commit (usage); another environment than the stored one (refused).
std::vector<std::filesystem::path> accept_baseline(const Result& result, const std::filesystem::path& folder,
                                                   const AcceptOptions& options);

/// The same of another tool's run, into one file that is called after the tool. Its runs may be single values; samples
/// are not kept. Errors  as above, but for the build, of which other tools say less.
std::filesystem::path accept_foreign(const Side& side, const std::filesystem::path& folder,
                                     const AcceptOptions& options);

struct ExtendOptions {
  std::string utc;  ///< now
  bool allow_dirty = false;
  int window_nights = baseline_window_nights;
};

struct Extended {
  std::vector<std::filesystem::path> files;
  std::vector<std::string> notes;  ///< one line each: what was left out, what rolled off
};

/// Adds nights to what is stored, if nothing in them is SLOWER, FASTER or INVALID against it. All or nothing.
///
/// Errors  ResultError, one line that names the case and `accept` as the remedy: a changed case (regression, or usage
/// for
///         FASTER), another environment (refused), no baseline, a night before the last, runs that are in it already,
///         and all that accept refuses.
Extended extend_baseline(std::vector<Result> results, const std::filesystem::path& folder,
                         const ExtendOptions& options);

/// Errors  ResultError, one line: unreadable, not JSON, another schema, not valid. Schema 1 is read as what it is: one
/// night without a boot.
Baseline read_baseline(const std::filesystem::path& path);
Baseline baseline_from_json(const nlohmann::json& document, const std::string& where);

/// The baselines of a device, sorted by op; empty when there are none. Errors  as read_baseline.
std::vector<Baseline> read_baselines(const std::filesystem::path& folder, const std::string& device);

/// `now_utc`: of the comparison, for saying that it has expired or is stale; empty: says neither.
Side side_of(const Baseline& baseline, const std::string& now_utc = {});

/// A run against what is stored for its device. Cases of a baseline that the run was not asked for
/// are left out when `options.subset` is set. Errors  as read_baseline and compare.
Comparison compare_with_baselines(const std::filesystem::path& folder, const Result& fresh,
                                  const CompareOptions& options);
/// The same with what was read.
Comparison compare_with_baselines(const std::vector<Baseline>& stored, const Result& fresh,
                                  const CompareOptions& options);

}  // namespace kernelgate

// Who may become a baseline, and how it joins what is stored.

#include <algorithm>
#include <cctype>
#include <map>

#include <fmt/format.h>

#include "harness/base/atomic_file.h"
#include "harness/base/file_lock.h"
#include "harness/base/utc_time.h"
#include "harness/baseline/acceptance.h"
#include "harness/baseline/baseline.h"
#include "harness/baseline/baseline_json.h"
#include "harness/baseline/baseline_path.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;

/// More would let noise of long ago rule over what the machine does now.
constexpr double most_carried_df = 30;

void require_archive(const Result& result, const AcceptOptions& options) {
  if (!options.archived || options.archived->commit == commit_of(result)) return;
  refuse(fmt::format("'{}' is of commit {}, and the result of {}; archive the program that measured it",
                     options.archived->path, options.archived->commit, commit_of(result)));
}

/// What there is at the path, if it is of the same environment; nothing where there is none or it is to be replaced.
/// `parent`: its id, whatever becomes of it.
template <typename Fresh>
std::optional<Baseline> stored_at(const fs::path& path, const Fresh& result, bool replace, std::string& parent) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::nullopt;
  std::optional<Baseline> stored;
  try {
    stored = read_baseline(path);
  } catch (const ResultError& error) {
    if (replace) return std::nullopt;
    refuse(fmt::format("{}; --replace starts it anew", error.what()), error.code);
  }
  parent = stored->id;
  const std::string difference = environment_difference(*stored, result);
  if (difference.empty()) return stored;
  if (replace) return std::nullopt;
  refuse(fmt::format("'{}' is from another environment ({}); --replace starts it anew", path.string(), difference),
         ExitCode::refused);
}

/// What is known of a case's noise, for the segment that comes after.
std::optional<VarianceComponents> carried_from(const BaselineCase& old) {
  VarianceComponents spread = known_spread(old);
  for (auto level : {&VarianceComponents::iteration, &VarianceComponents::run, &VarianceComponents::night,
                     &VarianceComponents::boot})
    (spread.*level).df = std::min((spread.*level).df, most_carried_df);
  return spread;
}

/// The next free "s3"; files that were edited may have gaps.
std::string next_segment(const std::vector<Segment>& segments) {
  int highest = 0;
  for (const Segment& one : segments)
    if (one.id.size() > 1 && one.id.front() == 's') highest = std::max(highest, std::atoi(one.id.c_str() + 1));
  return fmt::format("s{}", highest + 1);
}

std::vector<RunSummary> first_nights(std::vector<RunSummary> runs, std::size_t count) {
  const std::vector<std::string> nights = nights_of(runs);
  if (nights.size() > count) std::erase_if(runs, [&](const RunSummary& run) { return run.night >= nights[count]; });
  return runs;
}

/// Segments that no case is of and no anchor comes from are forgotten, but for the newest.
void forget_unused(Baseline& baseline) {
  std::erase_if(baseline.segments, [&](const Segment& segment) {
    return segment.id != baseline.segments.back().id &&
           std::ranges::none_of(baseline.cases, [&](const BaselineCase& one) {
             return one.segment == segment.id || one.anchor_segment == segment.id;
           });
  });
}

void head_from(Baseline& baseline, const Result& result, const AcceptOptions& options) {
  baseline.device = result.device;
  baseline.device_kind = result.device_kind;
  baseline.suite = result.suite;
  baseline.accepted_utc = options.accepted_utc;
  baseline.accepted_by = options.accepted_by;
  baseline.reason = options.reason;
  baseline.expires_utc = days_later(options.accepted_utc, options.expires_days);
  baseline.dirty = !reproducible(result);
  baseline.build = result.build;
  baseline.fingerprint = result.fingerprint;
  baseline.archived = options.archived;
  baseline.controls = side_of(result).controls;
}

/// The cases start a new segment; what is stored of them is its anchor and its knowledge of noise.
void join(Baseline& baseline, std::optional<Baseline> stored, const AcceptOptions& options, const std::string& commit) {
  if (stored) {
    baseline.segments = stored->segments;
    baseline.dirty = baseline.dirty || stored->dirty;
  }
  const std::string id = next_segment(baseline.segments);
  baseline.segments.push_back({id, options.accepted_utc, options.reason, options.accepted_by, commit});
  for (BaselineCase& one : baseline.cases) {
    one.segment = one.anchor_segment = id;
    one.anchor = first_nights(one.measured.runs, baseline_anchor_nights);
    if (!stored) continue;
    const auto old = std::ranges::find(stored->cases, one.measured.name,
                                       [](const BaselineCase& c) -> const std::string& { return c.measured.name; });
    if (old == stored->cases.end()) continue;
    const bool same_work = old->measured.flop == one.measured.flop && old->measured.bytes == one.measured.bytes;
    if (same_work) {
      one.anchor = old->anchor;
      one.anchor_segment = old->anchor_segment;
      one.carried = carried_from(*old);
    }
    stored->cases.erase(old);
  }
  if (stored) std::ranges::move(stored->cases, std::back_inserter(baseline.cases));
  std::ranges::sort(baseline.cases, {},
                    [](const BaselineCase& one) -> const std::string& { return one.measured.name; });
  forget_unused(baseline);
}

}  // namespace

namespace {

void require_reason(const AcceptOptions& options) {
  if (options.reason.find_first_not_of(" \t\n") == std::string::npos)
    refuse("say why it should be: --reason 'new driver 590'");
}

void create_device_folder(const fs::path& folder, const std::string& device) {
  std::error_code failed;
  fs::create_directories(folder / device, failed);
  if (failed)
    throw ResultError(fmt::format("can't create '{}': {}; choose another place: --baselines DIR",
                                  (folder / device).string(), failed.message()));
}

/// "Google Benchmark" names the file google_benchmark.json.
std::string file_stem(const std::string& name) {
  std::string stem;
  for (unsigned char c : name) stem += std::isalnum(c) != 0 ? static_cast<char>(std::tolower(c)) : '_';
  return stem;
}

std::string foreign_commit(const Side& side) {
  const nlohmann::json commit =
      side.build.is_object() ? side.build.value("commit", nlohmann::json()) : nlohmann::json();
  return commit.is_string() && !commit.get<std::string>().empty() ? commit.get<std::string>() : "unknown";
}

}  // namespace

fs::path accept_foreign(const Side& side, const fs::path& folder, const AcceptOptions& options) {
  require_reason(options);
  if (options.archived) refuse("an archived build is of our own program; leave --archive out");
  for (const SideCase& one : side.cases)
    if (one.status != CaseStatus::measured && one.status != CaseStatus::skipped)
      refuse(fmt::format("{} is {}: {}; mend it and measure again", one.name, to_string(one.status), one.reason));
  Baseline baseline;
  baseline.op = file_stem(side.source);
  baseline.source = side.source;
  for (const SideCase& one : side.cases) {
    if (one.status != CaseStatus::measured || one.runs.empty()) continue;
    baseline.cases.push_back({one, options.accepted_utc, foreign_commit(side), {}, {}, {}, {}});
    baseline.cases.back().measured.op = baseline.op;
  }
  if (baseline.cases.empty()) refuse("nothing in it was measured");
  baseline.device = file_stem(side.device);
  create_device_folder(folder, baseline.device);
  const FileLock lock(folder / baseline.device, FileLock::Of::folder);
  const fs::path path = baseline_path(folder, baseline.device, side.fingerprint, baseline.op);
  baseline.device_kind = side.device_kind;
  baseline.suite = baseline.op;
  baseline.accepted_utc = options.accepted_utc;
  baseline.accepted_by = options.accepted_by;
  baseline.reason = options.reason;
  baseline.expires_utc = days_later(options.accepted_utc, options.expires_days);
  baseline.build = side.build;
  baseline.fingerprint = side.fingerprint;
  std::string parent;
  std::optional<Baseline> stored = stored_at(path, side, options.replace, parent);
  join(baseline, std::move(stored), options, foreign_commit(side));
  name_content(baseline, parent);
  replace_file(path, dump_lines(baseline_to_json(baseline)));
  return path;
}

std::vector<fs::path> accept_baseline(const Result& result, const fs::path& folder, const AcceptOptions& options) {
  require_reason(options);
  require_acceptable(result, options.allow_dirty);
  require_archive(result, options);
  std::vector<SideCase> cases = acceptable_cases(result);
  if (!options.anyway) require_quiet(result, cases);
  create_device_folder(folder, result.device);
  const FileLock lock(folder / result.device, FileLock::Of::folder);
  std::map<fs::path, Baseline> files;
  for (SideCase& one : cases) {
    Baseline& baseline = files[baseline_path(folder, result.device, result.fingerprint, one.op)];
    baseline.op = one.op;
    baseline.cases.push_back({std::move(one), options.accepted_utc, commit_of(result), {}, {}, {}, {}});
  }
  std::vector<std::pair<fs::path, std::string>> texts;
  std::vector<fs::path> written;
  for (auto& [path, baseline] : files) {
    head_from(baseline, result, options);
    std::string parent;
    std::optional<Baseline> stored = stored_at(path, result, options.replace, parent);
    std::vector<SampledRun> samples;
    if (stored) samples = read_samples(path, *stored).runs;
    join(baseline, std::move(stored), options, commit_of(result));
    name_content(baseline, parent);
    std::ranges::move(files_of(baseline, path, sampled_runs(result, baseline.op), std::move(samples)),
                      std::back_inserter(texts));
    written.push_back(path);
  }
  replace_files(texts);
  return written;
}

}  // namespace kernelgate

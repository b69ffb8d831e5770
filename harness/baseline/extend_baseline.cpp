// A night joins what is stored, if nothing in it changed.

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/atomic_file.h"
#include "harness/base/file_lock.h"
#include "harness/baseline/acceptance.h"
#include "harness/baseline/baseline.h"
#include "harness/baseline/baseline_path.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;

constexpr const char* how_to_accept = "if that is the new level: kernelgate baseline accept RESULT --reason TEXT";

[[noreturn]] void not_extended(const std::string& text, ExitCode code = ExitCode::usage) {
  throw ResultError("not extended: " + text, code);
}

/// Nothing that changed or can't be judged comes in: else a slow drift of the code would carry the baseline along.
void require_unchanged(const std::vector<Baseline>& stored, const Result& night) {
  for (const Baseline& one : stored)
    if (const std::string difference = environment_difference(one, night); !difference.empty())
      not_extended(fmt::format("the baseline {}/{} is of another environment ({}); start anew: kernelgate baseline "
                               "accept RESULT --replace --reason TEXT",
                               one.device, one.op, difference),
                   ExitCode::refused);
  CompareOptions options;
  options.subset = true;
  const Comparison comparison = compare_with_baselines(stored, night, options);
  std::vector<std::string> changed;
  ExitCode code = ExitCode::good;
  for (const CaseVerdict& one : comparison.cases) {
    const bool allowed = one.verdict == Verdict::same || one.verdict == Verdict::inconclusive ||
                         one.verdict == Verdict::possible || one.verdict == Verdict::no_baseline ||
                         one.verdict == Verdict::skipped;
    if (allowed) continue;
    changed.push_back(fmt::format("{} is {} ({})", one.name, to_string(one.verdict), one.reason));
    code = worse(code, one.machine                              ? ExitCode::invalid
                       : one.verdict == Verdict::slower         ? ExitCode::regression
                       : one.verdict == Verdict::not_comparable ? ExitCode::refused
                       : one.verdict == Verdict::invalid        ? ExitCode::invalid
                                                                : ExitCode::usage);
  }
  if (changed.empty()) return;
  not_extended(
      fmt::format("in the night of {} {}{}; {}", night.started_utc, changed.front(),
                  changed.size() > 1 ? fmt::format(", and {} more changed", changed.size() - 1) : "", how_to_accept),
      code);
}

/// The oldest nights beyond the window go. Returns how many.
std::size_t roll(std::vector<RunSummary>& runs, int window) {
  const std::vector<std::string> nights = nights_of(runs);
  const auto keep = static_cast<std::size_t>(std::max(window, 1));
  if (nights.size() <= keep) return 0;
  const std::string& first = nights[nights.size() - keep];
  std::erase_if(runs, [&](const RunSummary& run) { return run.night < first; });
  return nights.size() - keep;
}

void add_to_anchor(BaselineCase& one, const std::vector<RunSummary>& runs) {
  if (one.segment != one.anchor_segment) return;
  for (const RunSummary& run : runs) {
    const std::vector<std::string> nights = nights_of(one.anchor);
    const bool room = nights.size() < baseline_anchor_nights || std::ranges::find(nights, run.night) != nights.end();
    if (room) one.anchor.push_back(run);
  }
}

/// Returns how many nights rolled off.
std::size_t add_night(BaselineCase& one, const SideCase& night, const ExtendOptions& options) {
  std::vector<RunSummary>& runs = one.measured.runs;
  const std::string last = nights_of(runs).back();
  for (const RunSummary& run : night.runs) {
    if (std::ranges::any_of(runs, [&](const RunSummary& held) { return same_run(held, run); }))
      not_extended(fmt::format("{}: its runs of the night {} are in it already", night.name, run.night));
    if (run.night.empty()) not_extended(fmt::format("{}: of a run it is not known when it was", night.name));
    if (run.night < last)
      not_extended(fmt::format("{}: its night {} is before the last one stored, {}", night.name, run.night, last));
  }
  add_to_anchor(one, night.runs);
  runs.insert(runs.end(), night.runs.begin(), night.runs.end());
  return roll(runs, options.window_nights);
}

void roll_controls(Baseline& baseline, const std::vector<ControlSummary>& fresh) {
  baseline.controls.insert(baseline.controls.end(), fresh.begin(), fresh.end());
  std::set<std::string> held;
  for (const BaselineCase& one : baseline.cases)
    for (const RunSummary& run : one.measured.runs) held.insert(run.night);
  std::erase_if(baseline.controls, [&](const ControlSummary& one) { return !held.contains(one.night); });
}

/// Adds one result to what is in memory; notes what it could not add.
void add(std::vector<Baseline>& stored, const Result& night, const ExtendOptions& options, Extended& outcome,
         std::set<std::string>& touched) {
  std::size_t rolled = 0;
  std::vector<std::string> unknown;
  const Side side = side_of(night);
  std::set<std::string> ops;
  for (const SideCase& one : acceptable_cases(night)) {
    const auto file = std::ranges::find(stored, one.op, &Baseline::op);
    BaselineCase* held = nullptr;
    if (file != stored.end())
      for (BaselineCase& candidate : file->cases)
        if (candidate.measured.name == one.name) held = &candidate;
    if (!held) {
      unknown.push_back(one.name);
      continue;
    }
    rolled = std::max(rolled, add_night(*held, one, options));
    ops.insert(one.op);
  }
  for (Baseline& file : stored) {
    if (!ops.contains(file.op)) continue;
    roll_controls(file, side.controls);
    file.extended_utc = options.utc;
    file.dirty = file.dirty || !reproducible(night);
    touched.insert(file.op);
  }
  if (ops.empty())
    not_extended(
        fmt::format("there is no baseline of any of its cases; start one: kernelgate baseline accept RESULT "
                    "--reason TEXT"));
  if (!unknown.empty())
    outcome.notes.push_back(
        fmt::format("{} cases are in no baseline and were left out, {}{}; accept them: kernelgate "
                    "baseline accept RESULT --reason TEXT",
                    unknown.size(), unknown.front(), unknown.size() > 1 ? " and others" : ""));
  if (rolled > 0)
    outcome.notes.push_back(fmt::format("the window is {} nights: {} older {} left it", options.window_nights, rolled,
                                        rolled == 1 ? "night" : "nights"));
}

}  // namespace

Extended extend_baseline(std::vector<Result> results, const fs::path& folder, const ExtendOptions& options) {
  if (results.empty()) not_extended("name a result");
  std::ranges::stable_sort(results, {}, &Result::started_utc);
  const std::string device = results.front().device;
  for (const Result& one : results) {
    require_acceptable(one, options.allow_dirty);
    if (device_identity(one.fingerprint) != device_identity(results.front().fingerprint))
      not_extended(fmt::format("the results are of the GPUs {} and {}; extend one GPU at a time",
                               device_identity(results.front().fingerprint), device_identity(one.fingerprint)));
    if (one.device != device)
      not_extended(fmt::format("the results are of {} and {}; extend one device at a time", device, one.device));
  }
  std::error_code ignored;
  std::optional<FileLock> lock;
  if (fs::exists(folder / device, ignored)) lock.emplace(folder / device, FileLock::Of::folder);
  std::vector<Baseline> stored = read_own_baselines(folder, device, results.front().fingerprint);
  if (stored.empty())
    not_extended(
        fmt::format("there is no baseline of {} in '{}'; start one: kernelgate baseline accept RESULT "
                    "--reason TEXT",
                    device, folder.string()));
  std::map<std::string, std::string> parents;
  std::map<std::string, std::vector<SampledRun>> old_samples, new_samples;
  Extended outcome;
  for (const Baseline& one : stored) {
    parents[one.op] = one.id;
    ReadSamples samples = read_samples(one.path, one);
    if (!samples.trouble.empty()) outcome.notes.push_back(samples.trouble);
    old_samples[one.op] = std::move(samples.runs);
  }
  std::set<std::string> touched;
  for (const Result& night : results) {
    require_unchanged(stored, night);
    add(stored, night, options, outcome, touched);
    for (const std::string& op : touched)
      std::ranges::move(sampled_runs(night, op), std::back_inserter(new_samples[op]));
  }
  std::vector<std::pair<fs::path, std::string>> texts;
  for (Baseline& one : stored) {
    if (!touched.contains(one.op)) continue;
    const fs::path path = one.path;
    name_content(one, parents[one.op]);
    std::ranges::move(files_of(one, path, std::move(new_samples[one.op]), std::move(old_samples[one.op])),
                      std::back_inserter(texts));
    outcome.files.push_back(path);
  }
  replace_files(texts);
  return outcome;
}

}  // namespace kernelgate

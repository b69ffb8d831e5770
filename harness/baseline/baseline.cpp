// What a baseline is, read, and as one side of a comparison.

#include "harness/baseline/baseline.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/atomic_file.h"
#include "harness/base/stable_hash.h"
#include "harness/base/utc_time.h"
#include "harness/baseline/calibration.h"
#include "harness/baseline/false_alarms.h"

namespace kernelgate {

namespace fs = std::filesystem;

namespace {

/// By its name. One with a dot in front is somebody's unfinished write. Counts and calibrations were kept here once,
/// and may still lie about.
bool holds_a_baseline(const fs::path& path) {
  const std::string name = path.filename().string();
  return path.extension() == ".json" && !name.starts_with('.') && name != false_alarms_file && name != calibration_file;
}

/// What has to be said of its age.
std::vector<std::string> age_notes(const Baseline& baseline, const std::string& now, bool& expired) {
  std::vector<std::string> notes;
  const auto left = days_between(now, baseline.expires_utc);
  const auto now_s = seconds_of(now), end_s = seconds_of(baseline.expires_utc);
  expired = now_s && end_s && *now_s >= *end_s;
  if (expired)
    notes.push_back(
        fmt::format("the baseline {}/{} expired on {}, {} days ago; accept a new result: kernelgate "
                    "baseline accept RESULT --reason TEXT",
                    baseline.device, baseline.op, baseline.expires_utc, -left.value_or(0)));
  const std::string& last = std::max(baseline.accepted_utc, baseline.extended_utc);
  if (const auto days = days_between(last, now); !expired && days && *days > baseline_stale_days)
    notes.push_back(
        fmt::format("the last night came into the baseline {}/{} {} days ago; add one: kernelgate baseline "
                    "extend RESULT",
                    baseline.device, baseline.op, *days));
  return notes;
}

}  // namespace

VarianceComponents known_spread(const BaselineCase& one) {
  const VarianceComponents own = variance_components(one.measured.runs);
  return one.carried ? pooled(*one.carried, own) : own;
}

bool provisional(const BaselineCase& one) {
  const VarianceComponents own = variance_components(one.measured.runs);
  return own.nights < settled_nights || own.boots < settled_boots;
}

Provisional provisional(const Baseline& baseline) {
  Provisional state;
  int nights = settled_nights, boots = settled_boots;
  for (const BaselineCase& one : baseline.cases) {
    const VarianceComponents own = variance_components(one.measured.runs);
    state.is = state.is || provisional(one);
    nights = std::min(nights, own.nights);
    boots = std::min(boots, own.boots);
  }
  if (state.is)
    state.text = fmt::format("{} of {} nights, {} of {} boots", nights, settled_nights, boots, settled_boots);
  return state;
}

std::string suite_version(const Baseline& baseline) {
  std::string text;
  for (const BaselineCase& one : baseline.cases)
    text += fmt::format("{} {} {}\n", one.measured.name, one.measured.flop, one.measured.bytes);
  return StableHash().add(text).text();
}

Baseline read_baseline(const fs::path& path) {
  Baseline baseline = baseline_from_json(read_json(path), path.string());
  baseline.path = path;
  return baseline;
}

std::vector<Baseline> read_baselines(const fs::path& folder, const std::string& device) {
  std::vector<fs::path> files;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder / device, missing))
    if (holds_a_baseline(entry.path())) files.push_back(entry.path());
  std::ranges::sort(files);
  std::vector<Baseline> baselines;
  for (const fs::path& file : files) baselines.push_back(read_baseline(file));
  return baselines;
}

Side side_of(const Baseline& baseline, const std::string& now_utc) {
  Side side;
  const Provisional state = provisional(baseline);
  side.provisional = state.is;
  side.description =
      fmt::format("baseline {}/{} {} of {}, accepted by {}{}{}", baseline.device, baseline.op, baseline.id,
                  baseline.accepted_utc, baseline.accepted_by, state.is ? ", PROVISIONAL: " + state.text : "",
                  baseline.dirty ? ", from a DIRTY build" : "");
  if (!now_utc.empty()) side.notes = age_notes(baseline, now_utc, side.expired);
  side.notes.insert(side.notes.end(), baseline.notes.begin(), baseline.notes.end());
  side.device_kind = baseline.device_kind;
  side.device = baseline.device;
  side.source = baseline.source;
  side.fingerprint = baseline.fingerprint;
  side.build = baseline.build;
  side.controls = baseline.controls;
  for (const BaselineCase& one : baseline.cases) side.cases.push_back(one.measured);
  return side;
}

}  // namespace kernelgate

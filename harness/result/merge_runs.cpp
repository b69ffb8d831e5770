// Several process runs of one suite as one result.

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "harness/check/fingerprint.h"
#include "harness/result/result.h"

namespace kernelgate {
namespace {

using nlohmann::json;

/// What decides for the whole when runs differ: worse first.
int severity(CaseStatus status) {
  switch (status) {
    case CaseStatus::wrong:
      return 4;
    case CaseStatus::error:
      return 3;
    case CaseStatus::invalid:
      return 2;
    case CaseStatus::skipped:
      return 1;
    case CaseStatus::measured:
      return 0;
  }
  return 0;
}

void require_same_kind(const Result& whole, const Result& part) {
  const auto refuse = [](const char* what) {
    throw ResultError(fmt::format("runs of one result differ in {}: measure them again together", what));
  };
  if (part.device_kind != whole.device_kind || part.device != whole.device) refuse("device");
  if (part.suite != whole.suite) refuse("suite");
  if (part.injection != whole.injection) refuse("injection");
  if (part.build != whole.build) refuse("build");
  const bool both_unknown = part.fingerprint.is_null() && whole.fingerprint.is_null();
  if (!both_unknown && !identity_differences(whole.fingerprint, part.fingerprint).empty()) refuse("environment");
}

void merge_verification(std::optional<VerificationRecord>& whole, const std::optional<VerificationRecord>& part) {
  if (!part) return;
  const bool worse_part = !whole || (whole->right && !part->right) ||
                          (whole->right == part->right && part->max_error_ratio > whole->max_error_ratio);
  if (worse_part) whole = part;
}

void merge_case(CaseResult& whole, CaseResult part, int first_run) {
  if (part.flop != whole.flop || part.bytes != whole.bytes || part.problem != whole.problem)
    throw ResultError(fmt::format("'{}' is another problem in run {} than before", whole.name, first_run));
  if (severity(part.status) > severity(whole.status)) {
    whole.status = part.status;
    whole.reason = fmt::format("run {}: {}", first_run, part.reason);
  }
  whole.injected = whole.injected || part.injected;
  if (part.code_hash != whole.code_hash) whole.code_hash.clear();  // no code is that of all runs
  if (part.kernel != whole.kernel) whole.kernel.clear();
  if (part.chosen_by != whole.chosen_by) whole.chosen_by.clear();
  merge_verification(whole.verification, part.verification);
  for (CaseRun& run : part.runs) whole.runs.push_back(std::move(run));
}

int count_runs(const Result& part) {
  int count = 1;
  for (const CaseResult& one : part.cases)
    for (const CaseRun& run : one.runs) count = std::max(count, run.run + 1);
  for (const ControlRun& one : part.controls) count = std::max(count, one.run + 1);
  return count;
}

void merge_findings(json& whole, const json& part) {
  if (!whole.is_array() || !part.is_array()) return;
  for (const json& finding : part)
    if (std::find(whole.begin(), whole.end(), finding) == whole.end()) whole.push_back(finding);
}

}  // namespace

Result merge_runs(std::vector<Result> parts) {
  if (parts.empty()) throw ResultError("no runs to join");
  Result whole;
  std::map<std::string, std::size_t> index;
  std::map<std::string, std::size_t> seen;
  int first_run = 0;
  bool interrupted = false;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    Result& part = parts[p];
    interrupted = interrupted || part.status != "complete";
    const int runs = count_runs(part);
    std::vector<CaseResult> cases = std::move(part.cases);
    std::vector<ControlRun> controls = std::move(part.controls);
    if (p == 0) {
      whole = part;
      whole.cases.clear();
      whole.controls.clear();
    } else {
      require_same_kind(whole, part);
      whole.wall_s += part.wall_s;
      whole.started_utc = std::min(whole.started_utc, part.started_utc);
      merge_findings(whole.findings, part.findings);
    }
    for (CaseResult& one : cases) {
      for (CaseRun& run : one.runs) run.run += first_run;
      ++seen[one.name];
      const auto [at, is_new] = index.try_emplace(one.name, whole.cases.size());
      if (is_new)
        whole.cases.push_back(std::move(one));
      else
        merge_case(whole.cases[at->second], std::move(one), first_run);
    }
    for (ControlRun& one : controls) {
      one.run += first_run;
      whole.controls.push_back(std::move(one));
    }
    first_run += runs;
  }
  whole.status = interrupted ? "interrupted" : "complete";
  for (const auto& [name, count] : seen)
    if (count != parts.size() && !interrupted)
      throw ResultError(
          fmt::format("'{}' is in {} of {} runs: measure them again together", name, count, parts.size()));
  return whole;
}

}  // namespace kernelgate

// Who may become a baseline, and how it joins what is stored.

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "harness/judge/baseline.h"
#include "harness/judge/baseline_json.h"
#include "harness/judge/comparability.h"
#include "harness/result/atomic_file.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

[[noreturn]] void refuse(const std::string& text, ExitCode code = ExitCode::usage) {
  throw ResultError("not accepted: " + text, code);
}

json build_field(const Result& result, const char* name) {
  return result.build.is_object() ? result.build.value(name, json()) : json();
}

/// It becomes a file's name, and the document may come from anywhere.
void require_file_name(const std::string& text, const char* what) {
  const bool plain = !text.empty() && text.front() != '.' && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  });
  if (!plain) refuse(fmt::format("its {} '{}' can't name a file; measure again with 'kernelgate run'", what, text));
}

/// True when the build can be built again: what a baseline's numbers need to be believed later.
bool reproducible(const Result& result) {
  return build_field(result, "dirty") == false && build_field(result, "commit") != "unknown";
}

void require_acceptable(const Result& result, const AcceptOptions& options) {
  if (options.reason.find_first_not_of(" \t\n") == std::string::npos)
    refuse("say why it should be: --reason 'new driver 590'");
  const bool injected = !result.injection.empty() ||
                        std::ranges::any_of(result.cases, [](const CaseResult& one) { return one.injected; });
  if (injected)
    refuse(fmt::format("it was measured with KERNELGATE_INJECT='{}'; unset it and measure again", result.injection));
  if (result.status != "complete") refuse(fmt::format("its run was {}; let one run to its end", result.status));
  if (!result.fingerprint.is_object() || result.fingerprint.value("identity", json()).empty())
    refuse("it does not say what machine it is from; measure again with 'kernelgate run'");
  if (const json sanitizers = build_field(result, "sanitizers"); !sanitizers.is_string() || sanitizers != "")
    refuse("its program was built with sanitizers, which slow it down; measure with a plain build");
  if (!reproducible(result) && !options.allow_dirty)
    refuse("its program was built from uncommitted changes; commit and measure again, or mark it: --allow-dirty");
}

/// The measured cases. Skipped ones are left out: a peer that is not installed here is no fault.
std::vector<SideCase> acceptable_cases(const Result& result) {
  std::vector<SideCase> cases = side_of(result).cases;
  for (const SideCase& one : cases)
    if (one.status != CaseStatus::measured && one.status != CaseStatus::skipped)
      refuse(fmt::format("{} is {}: {}; mend it and measure again", one.name, to_string(one.status), one.reason));
  std::erase_if(cases, [](const SideCase& one) { return one.status == CaseStatus::skipped; });
  if (cases.empty()) refuse("nothing in it was measured");
  return cases;
}

/// Keeps the stored cases that the new result lacks.
void keep_stored(Baseline& baseline, const fs::path& path, bool replace) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return;
  Baseline stored;
  try {
    stored = read_baseline(path);
  } catch (const ResultError& error) {
    if (replace) return;
    refuse(fmt::format("{}; --replace starts it anew", error.what()), error.code);
  }
  Side before = side_of(stored), now = side_of(baseline);
  const Comparability environment = comparability(before, now, {});
  if (!environment.undeclared.empty()) {
    if (replace) return;
    refuse(fmt::format(
               "'{}' is from another environment ({}{}); --replace starts it anew", path.string(),
               environment.undeclared.front(),
               environment.undeclared.size() > 1 ? fmt::format(" and {} more", environment.undeclared.size() - 1) : ""),
           ExitCode::refused);
  }
  baseline.dirty = baseline.dirty || stored.dirty;
  for (BaselineCase& old : stored.cases) {
    const bool renewed = std::ranges::any_of(
        baseline.cases, [&](const BaselineCase& one) { return one.measured.name == old.measured.name; });
    if (!renewed) baseline.cases.push_back(std::move(old));
  }
}

}  // namespace

std::vector<fs::path> accept_baseline(const Result& result, const fs::path& folder, const AcceptOptions& options) {
  require_acceptable(result, options);
  require_file_name(result.device, "device");
  const json commit = build_field(result, "commit");
  std::map<fs::path, Baseline> files;
  for (SideCase& one : acceptable_cases(result)) {
    require_file_name(one.op, "op");
    Baseline& baseline = files[folder / result.device / (one.op + ".json")];
    baseline.op = one.op;
    baseline.cases.push_back(
        {std::move(one), options.accepted_utc, commit.is_string() ? commit.get<std::string>() : "unknown"});
  }
  std::map<fs::path, std::string> texts;
  for (auto& [path, baseline] : files) {
    baseline.device = result.device;
    baseline.device_kind = result.device_kind;
    baseline.suite = result.suite;
    baseline.accepted_utc = options.accepted_utc;
    baseline.accepted_by = options.accepted_by;
    baseline.reason = options.reason;
    baseline.dirty = !reproducible(result);
    baseline.build = result.build;
    baseline.fingerprint = result.fingerprint;
    keep_stored(baseline, path, options.replace);
    std::ranges::sort(baseline.cases, {},
                      [](const BaselineCase& one) -> const std::string& { return one.measured.name; });
    texts[path] = dump_lines(baseline_to_json(baseline));
  }
  std::error_code failed;
  fs::create_directories(folder / result.device, failed);
  if (failed)
    throw ResultError(fmt::format("can't create '{}': {}; choose another place: --baselines DIR",
                                  (folder / result.device).string(), failed.message()));
  std::vector<fs::path> written;
  for (const auto& [path, text] : texts) {
    replace_file(path, text);
    written.push_back(path);
  }
  return written;
}

}  // namespace kernelgate

#include "harness/baseline/acceptance.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "harness/base/atomic_file.h"
#include "harness/base/stable_hash.h"
#include "harness/baseline/baseline_json.h"
#include "harness/judge/compare/comparability.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

using nlohmann::json;

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

/// Findings that say that the machine was not this run's alone.
constexpr std::array<std::string_view, 3> disturbances{"W-LOAD", "W-COTENANT", "W-THROTTLE"};

/// Between the quartiles, of the middle one. Of a quiet GPU it is below 1 %, of a shared machine's CPU around 5 %:
/// beyond these a change of twice as much is not seen.
constexpr double widest_on_a_gpu = 0.05, widest_on_a_cpu = 0.25;

/// The wider of what a typical run's samples and what the runs themselves differ by.
double spread_of(const SideCase& one) {
  std::vector<double> within, medians;
  for (const RunSummary& run : one.runs) {
    within.push_back((run.q3_s - run.q1_s) / run.median_s);
    medians.push_back(run.median_s);
  }
  const Summary between = summarize(medians);
  return std::max(median(within), (between.q3 - between.q1) / between.median);
}

}  // namespace

void refuse(const std::string& text, ExitCode code) { throw ResultError("not accepted: " + text, code); }

bool reproducible(const Result& result) {
  return build_field(result, "dirty") == false && build_field(result, "commit") != "unknown";
}

std::string commit_of(const Result& result) {
  const json commit = build_field(result, "commit");
  return commit.is_string() ? commit.get<std::string>() : "unknown";
}

void require_acceptable(const Result& result, bool allow_dirty) {
  const bool injected = !result.injection.empty() ||
                        std::ranges::any_of(result.cases, [](const CaseResult& one) { return one.injected; });
  if (injected)
    refuse(fmt::format("it was measured with KERNELGATE_INJECT='{}'; unset it and measure again", result.injection));
  if (result.status != "complete") refuse(fmt::format("its run was {}; let one run to its end", result.status));
  if (!result.fingerprint.is_object() || result.fingerprint.value("identity", json()).empty())
    refuse("it does not say what machine it is from; measure again with 'kernelgate run'");
  if (const json sanitizers = build_field(result, "sanitizers"); !sanitizers.is_string() || sanitizers != "")
    refuse("its program was built with sanitizers, which slow it down; measure with a plain build");
  if (!reproducible(result) && !allow_dirty)
    refuse("its program was built from uncommitted changes; commit and measure again, or mark it: --allow-dirty");
  require_file_name(result.device, "device");
}

std::vector<SideCase> acceptable_cases(const Result& result) {
  std::vector<SideCase> cases = side_of(result).cases;
  for (const SideCase& one : cases)
    if (one.status != CaseStatus::measured && one.status != CaseStatus::skipped)
      refuse(fmt::format("{} is {}: {}; mend it and measure again", one.name, to_string(one.status), one.reason));
  std::erase_if(cases, [](const SideCase& one) { return one.status == CaseStatus::skipped; });
  if (cases.empty()) refuse("nothing in it was measured");
  for (const SideCase& one : cases) require_file_name(one.op, "op");
  return cases;
}

void require_quiet(const Result& result, const std::vector<SideCase>& cases) {
  if (result.findings.is_array())
    for (const json& finding : result.findings)
      if (finding.is_object() && std::ranges::count(disturbances, finding.value("id", "")) > 0)
        refuse(
            fmt::format("it was measured while others used the machine ({}: {}); measure when it is quiet, or accept "
                        "it all the same: --anyway",
                        finding.value("id", ""), finding.value("summary", "")));
  const double limit = result.device_kind == "cuda" ? widest_on_a_gpu : widest_on_a_cpu;
  const SideCase* widest = nullptr;
  double width = limit;
  std::size_t wide = 0;
  for (const SideCase& one : cases) {
    const double own = spread_of(one);
    wide += own > limit ? 1 : 0;
    if (own > width) width = own, widest = &one;
  }
  if (widest == nullptr) return;
  refuse(
      fmt::format("{} varies by {:.0f} %{}, and of a baseline at most {:.0f} % is expected: a slowdown would be "
                  "INCONCLUSIVE; measure when the machine is quiet, or accept it all the same: --anyway",
                  widest->name, 100 * width, wide > 1 ? fmt::format(" ({} cases vary too much)", wide) : std::string(),
                  100 * limit));
}

std::string environment_difference(const Baseline& stored, const Result& result) {
  return environment_difference(stored, side_of(result));
}

std::string environment_difference(const Baseline& stored, const Side& side) {
  const Comparability environment = comparability(side_of(stored), side, {});
  if (environment.undeclared.empty()) return {};
  return environment.undeclared.front() +
         (environment.undeclared.size() > 1 ? fmt::format(" and {} more", environment.undeclared.size() - 1) : "");
}

bool same_run(const RunSummary& a, const RunSummary& b) {
  return a.night == b.night && a.boot == b.boot && a.median_s == b.median_s && a.q1_s == b.q1_s && a.q3_s == b.q3_s;
}

std::vector<std::string> nights_of(const std::vector<RunSummary>& runs) {
  std::set<std::string> nights;
  for (const RunSummary& run : runs) nights.insert(run.night);
  return {nights.begin(), nights.end()};
}

void name_content(Baseline& baseline, const std::string& parent) {
  baseline.parent = parent;
  baseline.id.clear();
  baseline.samples.reset();
  const std::string content = baseline_to_json(baseline).dump(-1, ' ', false, json::error_handler_t::replace);
  baseline.id = StableHash().add(content).text().substr(0, 12);
}

std::vector<std::pair<std::filesystem::path, std::string>> files_of(Baseline& baseline,
                                                                    const std::filesystem::path& path,
                                                                    std::vector<SampledRun> fresh,
                                                                    std::vector<SampledRun> stored) {
  std::ranges::move(stored, std::back_inserter(fresh));
  const std::vector<SampledRun> held = only_held(std::move(fresh), baseline);
  std::string bytes = pack_samples(held);
  baseline.samples = describe_samples(path.stem().string(), bytes, held.size());
  // The samples first: where the second renaming fails, the checksum tells that they are not the baseline's.
  return {{path.parent_path() / baseline.samples->file, std::move(bytes)},
          {path, dump_lines(baseline_to_json(baseline))}};
}

}  // namespace kernelgate

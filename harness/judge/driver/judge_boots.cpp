#include "harness/judge/driver/judge_boots.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "harness/base/quantity.h"
#include "harness/judge/compare/decision.h"
#include "harness/judge/driver/boot_side.h"

namespace kernelgate {
namespace {

using nlohmann::json;

bool identity_has(const Side& side, const std::string& name) {
  const json identity = side.fingerprint.is_object() ? side.fingerprint.value("identity", json()) : json();
  if (!identity.is_object()) return false;
  return std::ranges::any_of(
      identity.items(), [&](const auto& entry) { return entry.key() == name || entry.key().starts_with(name + "_"); });
}

/// The driver may differ, and of what the user let differ what is in an identity; the settings took the rest.
CompareOptions for_boots(CompareOptions options, const Side& base, const Side& fresh) {
  options.vary.push_back("driver");
  std::erase_if(options.vary,
                [&](const std::string& name) { return !identity_has(base, name) && !identity_has(fresh, name); });
  options.across_boots = true;
  return options;
}

void keep_only(Side& side, const std::set<std::string>& only) {
  if (!only.empty()) std::erase_if(side.cases, [&](const SideCase& one) { return !only.contains(one.name); });
}

/// With the controls taken off, half of a change must still be there without: a control may take a verdict back, and
/// never makes one.
void expect_in_measured_times(std::vector<CaseVerdict>& cases, const std::vector<CaseVerdict>& as_measured) {
  std::map<std::string, double> changes;
  for (const CaseVerdict& one : as_measured)
    if (one.ratio) changes[one.name] = std::log(*one.ratio);
  for (CaseVerdict& one : cases) {
    if ((one.verdict != Verdict::slower && one.verdict != Verdict::faster) || !one.ratio) continue;
    const double beside = std::log(*one.ratio), plain = changes.at(one.name);
    if (plain * beside > 0 && std::fabs(plain) >= corroborated_share * std::fabs(beside)) continue;
    one.verdict = Verdict::inconclusive;
    one.attribution = "environment";
    one.reason = fmt::format(
        "{} beside the control kernels, but {} as it was measured: the machine rather than the case; "
        "more boots decide",
        show_log_change(beside), show_log_change(plain));
  }
}

/// Every run's geometric mean, as if it were one case.
SideCase mean_case(const Side& side, const std::set<std::string>& names, std::size_t runs) {
  SideCase mean;
  mean.name = "geometric mean";
  for (std::size_t r = 0; r < runs; ++r) {
    RunSummary sum;
    double median = 0, q1 = 0, q3 = 0;
    for (const SideCase& one : side.cases) {
      if (!names.contains(one.name)) continue;
      const RunSummary& run = one.runs[r];
      sum = run;
      median += std::log(run.median_s);
      q1 += std::log(run.q1_s);
      q3 += std::log(run.q3_s);
    }
    const double count = static_cast<double>(names.size());
    RunSummary run{std::exp(median / count), std::exp(q1 / count), std::exp(q3 / count), sum.samples};
    run.night = sum.night;
    run.boot = sum.boot;
    mean.runs.push_back(std::move(run));
  }
  return mean;
}

std::size_t most_runs(const Side& side) {
  std::size_t most = 0;
  for (const SideCase& one : side.cases) most = std::max(most, one.runs.size());
  return most;
}

}  // namespace

JudgedBoots judge_boots(std::span<const Result> base, std::span<const Result> fresh, const CompareOptions& given,
                        const std::set<std::string>& only) {
  JudgedBoots judged;
  judged.base = side_of_boots(base);
  judged.fresh = side_of_boots(fresh);
  const CompareOptions options = for_boots(given, judged.base, judged.fresh);
  keep_only(judged.base, only);
  keep_only(judged.fresh, only);
  judged.measured_base = judged.base;
  judged.measured_fresh = judged.fresh;
  judged.controls = take_off_controls(judged.base, judged.fresh, class_of(judged.fresh, options).noise);
  judged.comparison = compare(judged.base, judged.fresh, options);
  if (judged.controls.taken)
    expect_in_measured_times(judged.comparison.cases,
                             compare(judged.measured_base, judged.measured_fresh, options).cases);
  return judged;
}

std::optional<UpgradeMean> mean_over_cases(const JudgedBoots& judged, const CompareOptions& options) {
  const std::size_t base_runs = most_runs(judged.base), fresh_runs = most_runs(judged.fresh);
  if (base_runs == 0 || fresh_runs == 0) return {};
  std::set<std::string> in_base, names;
  for (const SideCase& one : judged.base.cases)
    if (one.runs.size() == base_runs) in_base.insert(one.name);
  for (const SideCase& one : judged.fresh.cases)
    if (one.runs.size() == fresh_runs && in_base.contains(one.name)) names.insert(one.name);
  if (names.empty()) return {};
  const SideCase base = mean_case(judged.base, names, base_runs), fresh = mean_case(judged.fresh, names, fresh_runs);
  const DeviceClass& device = class_of(judged.fresh, options);
  StudentTable table;
  const Evidence one = weigh(base.runs, fresh.runs, device, options, true);
  const Decision decision = decide(std::span(&one, 1), {}, device, options, table).front();
  return UpgradeMean{decision.ratio, decision.ratio_low, decision.ratio_high, names.size()};
}

}  // namespace kernelgate

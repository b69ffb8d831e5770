#include "harness/sides/side.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/utc_time.h"
#include "harness/sides/run_summary.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

SideCase case_of(const CaseResult& from, const std::string& document_started) {
  SideCase one{from.name,   from.op,     from.problem, from.implementation, from.origin,   from.state,     from.label,
               from.status, from.reason, from.flop,    from.bytes,          from.injected, from.code_hash, {}};
  if (one.status != CaseStatus::measured) return one;
  if (from.runs.empty()) one.reason = "it has no runs";
  for (const CaseRun& run : from.runs) {
    if (one.reason.empty()) one.reason = fault_of(run);
    if (!one.reason.empty()) continue;
    RunSummary& summary = one.runs.emplace_back(summary_of(run));
    summary.quantum_s = timer_quantum(run.samples_s);
    summary.night = night_of(run.started_utc.empty() ? document_started : run.started_utc);
  }
  if (!one.reason.empty()) {
    one.status = CaseStatus::invalid;
    one.runs.clear();
  }
  return one;
}

}  // namespace

double timer_quantum(std::vector<double> samples) {
  constexpr double distinct_share = 0.7;
  const double count = static_cast<double>(samples.size());
  std::ranges::sort(samples);
  double step = 0;
  std::size_t distinct = 1;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const double gap = samples[i] - samples[i - 1];
    if (gap <= 1e-9 * samples[i]) continue;  // equal but for a division's rounding
    ++distinct;
    step = step == 0 ? gap : std::min(step, gap);
  }
  return static_cast<double>(distinct) < distinct_share * count ? step : 0;
}

Side side_of(const Result& result) {
  Side side{"", result.device_kind, result.device, result.fingerprint, result.build, {}, {}};
  side.started_utc = result.started_utc;
  std::size_t runs = 0;
  for (const CaseResult& one : result.cases) {
    side.cases.push_back(case_of(one, result.started_utc));
    runs = std::max(runs, one.runs.size());
  }
  for (const ControlRun& one : result.controls)
    if (!one.first_s.empty() && !one.last_s.empty())
      side.controls.push_back({one.name, median(one.first_s), median(one.last_s), night_of(result.started_utc)});
  const std::string commit = result.build.is_object() ? result.build.value("commit", "unknown") : "unknown";
  side.description = fmt::format("{}, suite {}, {} {}, {}, commit {}{}{}", result.device, result.suite, runs,
                                 runs == 1 ? "run" : "runs", result.started_utc, commit,
                                 result.status == "complete" ? "" : ", " + result.status,
                                 result.injection.empty() ? "" : ", INJECTED " + result.injection);
  return side;
}

double median_s(std::span<const RunSummary> runs) {
  std::vector<double> medians;
  for (const RunSummary& run : runs) medians.push_back(run.median_s);
  return median(medians);
}

}  // namespace kernelgate

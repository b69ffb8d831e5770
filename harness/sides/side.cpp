#include "harness/sides/side.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/utc_time.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

std::string fault_of(const CaseRun& run) {
  if (run.samples_s.size() < min_samples_per_run)
    return fmt::format("run {} has {} samples, and {} are needed", run.run, run.samples_s.size(), min_samples_per_run);
  for (double sample : run.samples_s)
    if (!(sample > 0)) return fmt::format("run {} has a sample of {} s", run.run, sample);
  return {};
}

RunSummary summary_of(const CaseRun& run, const std::string& document_started) {
  const Summary s = summarize(run.samples_s);
  RunSummary summary{s.median, s.q1, s.q3, s.count};
  const bool clocks_known =
      !run.sm_clock_hz.empty() && std::ranges::all_of(run.sm_clock_hz, [](double hz) { return hz > 0; });
  if (clocks_known) summary.clock_hz = median(run.sm_clock_hz);
  if (!run.control_s.empty()) summary.control_s = summarize(run.control_s).q1;
  summary.quantum_s = timer_quantum(run.samples_s);
  summary.night = night_of(run.started_utc.empty() ? document_started : run.started_utc);
  summary.boot = run.boot_id;
  return summary;
}

SideCase case_of(const CaseResult& from, const std::string& document_started) {
  SideCase one{from.name,   from.op,     from.problem, from.implementation, from.origin,   from.state,     from.label,
               from.status, from.reason, from.flop,    from.bytes,          from.injected, from.code_hash, {}};
  if (one.status != CaseStatus::measured) return one;
  if (from.runs.empty()) one.reason = "it has no runs";
  for (const CaseRun& run : from.runs) {
    if (one.reason.empty()) one.reason = fault_of(run);
    if (one.reason.empty()) one.runs.push_back(summary_of(run, document_started));
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

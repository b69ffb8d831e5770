#include "harness/sides/run_summary.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/statistics/statistics.h"

namespace kernelgate {

std::string fault_of(const CaseRun& run) {
  if (run.samples_s.size() < min_samples_per_run)
    return fmt::format("run {} has {} samples, and {} are needed", run.run, run.samples_s.size(), min_samples_per_run);
  for (double sample : run.samples_s)
    if (!(sample > 0)) return fmt::format("run {} has a sample of {} s", run.run, sample);
  if (const double least = std::ranges::min(run.samples_s); least < shortest_cycle_s)
    return fmt::format("run {} has a sample of {} s, less than a clock cycle: nothing was done", run.run, least);
  return {};
}

RunSummary summary_of(const CaseRun& run) {
  const Summary s = summarize(run.samples_s);
  RunSummary summary{s.median, s.q1, s.q3, s.count};
  const bool clocks_known =
      !run.sm_clock_hz.empty() && std::ranges::all_of(run.sm_clock_hz, [](double hz) { return hz > 0; });
  if (clocks_known) summary.clock_hz = median(run.sm_clock_hz);
  if (!run.control_s.empty()) summary.control_s = summarize(run.control_s).q1;
  if (std::ranges::all_of(run.processor_s, [](double used_s) { return used_s > 0; }) && !run.processor_s.empty()) {
    const Summary used = summarize(run.processor_s);
    summary.processor = {used.median, used.q1, used.q3,
                         static_cast<double>(run.preempted) / static_cast<double>(run.samples_s.size())};
  }
  summary.boot = run.boot_id;
  return summary;
}

}  // namespace kernelgate

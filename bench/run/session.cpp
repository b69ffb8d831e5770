#include "bench/run/session.h"

#include "bench/run/run_layout.h"
#include "harness/base/process/interrupt.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {

Session::Session(std::vector<Case> cases, MeasureOptions options, std::function<void(const Case&)> on_begin,
                 std::unique_ptr<Telemetry> telemetry)
    : cases_(std::move(cases)),
      options_(std::move(options)),
      on_begin_(std::move(on_begin)),
      telemetry_(std::move(telemetry)),
      waiting_(cases_.size()) {
  if (options_.device.kind == DeviceKind::cuda) {
    stopwatch_ = cuda_stopwatch(options_.device.ordinal);
    if (!telemetry_) telemetry_ = cuda_telemetry(options_.device.ordinal, GpuMonitor::Events::watched);
  } else {
    stopwatch_ = cpu_stopwatch();
  }
  for (const Case& one : cases_) results_.push_back(blank_result(one));
  for (std::size_t i : order()) groups_[cases_[i].problem.get()].push_back(i);
}

std::vector<std::size_t> Session::order() const { return run_order(cases_, options_.layout_seed); }

Session::Outcome Session::measure(std::size_t case_index) {
  if (waiting_[case_index].empty() && !interrupted()) {
    on_begin_(cases_[case_index]);
    measure_group_of(case_index);
  }
  if (waiting_[case_index].empty()) return {CaseStatus::skipped, "interrupted before it was measured", 0};
  Outcome outcome = waiting_[case_index].front();
  waiting_[case_index].pop_front();
  return outcome;
}

void Session::measure_group_of(std::size_t case_index) {
  const auto& group = groups_.at(cases_[case_index].problem.get());
  std::vector<Member> members;
  std::map<std::size_t, std::size_t> known;  // samples of earlier repetitions, which join this process's run
  for (std::size_t i : group) {
    members.push_back({&cases_[i], &results_[i]});
    known[i] = results_[i].runs.empty() ? 0 : results_[i].runs.back().samples_s.size();
  }
  if (stopped_.empty()) {
    stopped_ = measure_group(members, *stopwatch_, telemetry_.get(), options_);
    // It may have broken while outputs were checked, too.
    if (stopped_.empty() && telemetry_) stopped_ = telemetry_->why_broken();
  } else {
    for (const Member& member : members) {
      member.result->status = CaseStatus::invalid;
      member.result->reason = "not measured: " + stopped_;
    }
  }
  for (std::size_t i : group) {
    const CaseResult& result = results_[i];
    const std::span<const double> all = result.runs.empty() ? std::span<const double>() : result.runs.back().samples_s;
    if (all.size() > known[i])
      waiting_[i].push_back({result.status, result.reason, median(all.subspan(known[i]))});
    else if (result.status != CaseStatus::measured)
      waiting_[i].push_back({result.status, result.reason, 0});
  }
}

std::vector<CaseResult> Session::results() const {
  std::vector<CaseResult> seen;
  for (const CaseResult& result : results_)
    if (!result.runs.empty() || result.status != CaseStatus::measured) seen.push_back(result);
  return seen;
}

}  // namespace kernelgate

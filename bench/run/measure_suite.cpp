#include "bench/run/measure_suite.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <random>

#include "bench/digital_human/digital_human.h"
#include "bench/run/process_runs.h"
#include "bench/run/run_layout.h"
#include "harness/base/boot_id.h"
#include "harness/base/process/interrupt.h"
#include "harness/base/progress.h"
#include "harness/base/temporary_folder.h"
#include "harness/base/utc_time.h"
#include "harness/measure/controls.h"

namespace kernelgate {
namespace {

std::string outcome_text(const Session::Outcome& outcome) {
  if (outcome.status != CaseStatus::measured) return outcome.reason;
  const double s = outcome.median_s;
  return s < 1e-3 ? fmt::format("{:.4g} us", s * 1e6) : fmt::format("{:.4g} ms", s * 1e3);
}

/// What no implementation can know before it is measured. 48 bits: a JSON reader may keep numbers as doubles.
std::uint64_t secret_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 16 | (device() & 0xffffu)) + 1;
}

/// What a process left, if it left anything; then its file is gone.
std::optional<Result> part_in(const std::vector<std::filesystem::path>& places) {
  std::error_code ignored;
  for (const auto& place : places) {
    if (!std::filesystem::exists(place, ignored)) continue;
    Result part = read_result(place);
    std::filesystem::remove(place, ignored);
    return part;
  }
  return std::nullopt;
}

/// A run without controls is worth having: what they would tell is then not known.
template <class Step>
void without_fail(const char* when, const Step& step) {
  try {
    step();
  } catch (const std::exception& e) {
    fmt::print(stderr, "no controls {} the cases: {}\n", when, e.what());
  }
}

}  // namespace

SamplingPolicy policy_of(const std::string& suite, DeviceKind device) {
  SamplingPolicy policy;
  if (suite == "smoke") {
    policy.time_s = 0.25;
    policy.wall_cap_s = 0.6;
    policy.warm_up_s = 0.03;
  } else if (suite == digital_human_suite && device == DeviceKind::cpu) {
    policy.time_s = 4;  // a batch of 16 takes one or two seconds on two cores
    policy.wall_cap_s = 40;
  } else if (device == DeviceKind::cpu) {
    policy.time_s = 1;
    policy.wall_cap_s = 5;
  }
  return policy;
}

Result measure_here(const SuiteOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  Result result;
  result.started_utc = utc_now();
  const std::vector<Case> cases = select_cases(options.selection);
  ProgressBar progress(static_cast<int>(cases.size()),
                       options.runs > 1 ? fmt::format("run {}/{}", options.run + 1, options.runs) : "run");
  MeasureOptions measure;
  measure.device = options.device;
  measure.policy = options.policy;
  measure.injection = options.injection;
  measure.seed = options.input_seed ? *options.input_seed : secret_seed();
  measure.layout_seed = layout_seed(options.seed, options.run);
  measure.run = 0;  // merge_runs numbers them
  measure.on_progress = [&](double share) { progress.within_step(share); };
  Session session(cases, std::move(measure), [&](const Case& one) { progress.begin_step(one.name); });
  std::optional<ControlBracket> controls;
  without_fail("before", [&] {
    const bool on_gpu = options.device.kind == DeviceKind::cuda;
    controls.emplace(on_gpu ? cuda_controls(options.device.ordinal) : cpu_controls());
  });
  run_benchmarks(session, cases, options.flags, [&](const Case& one, const Session::Outcome& outcome) {
    progress.begin_step(one.name);
    progress.end_step(outcome_text(outcome));
  });
  if (controls) without_fail("after", [&] { result.controls = controls->close(); });
  result.cases = session.results();
  for (CaseResult& one : result.cases)
    for (CaseRun& run : one.runs) {
      run.started_utc = result.started_utc;
      run.boot_id = boot_id();
    }
  result.status = interrupted() ? "interrupted" : "complete";
  result.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

void write_part(const Result& part, const std::vector<std::filesystem::path>& places) {
  for (std::size_t i = 0;; ++i) try {
      return write_result(part, places.at(i));
    } catch (const ResultError&) {
      if (i + 1 == places.size()) throw;
    }
}

Result measure_in_processes(int runs, const WorkerArguments& worker_arguments, const std::filesystem::path& otherwise) {
  const TemporaryFolder scratch(otherwise);
  std::vector<Result> parts;
  std::string trouble;
  for (int run = 0; run < runs && !interrupted(); ++run) {
    // A temporary folder may fill up while a run measures.
    const std::vector places{scratch.path() / fmt::format("run{}.json", run),
                             (otherwise.empty() ? std::filesystem::path(".") : otherwise) /
                                 fmt::format(".kernelgate-{}-run{}.json", getpid(), run)};
    const int status = run_self(worker_arguments(run, places));
    if (const auto written = part_in(places))
      parts.push_back(*written);
    else if (status == static_cast<int>(ExitCode::usage) && parts.empty() && !interrupted())
      throw HarnessError(ExitCode::usage, "the run above ended with an error");
    else
      trouble = fmt::format("process run {} of {} ended with status {} and left no result", run + 1, runs, status);
  }
  if (parts.empty())
    throw HarnessError(ExitCode::invalid, trouble.empty() ? "interrupted before anything was measured" : trouble);
  const bool all_there = static_cast<int>(parts.size()) == runs && trouble.empty();
  if (!trouble.empty()) fmt::print(stderr, "kernelgate: {}\n", trouble);
  Result result = merge_runs(std::move(parts));
  if (!all_there || interrupted()) result.status = "interrupted";
  return result;
}

}  // namespace kernelgate

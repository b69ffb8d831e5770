#include "bench/run/group/group_measurement.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <exception>
#include <map>
#include <optional>
#include <string>

#include "bench/code/code_hash.h"
#include "bench/run/group/output_check.h"
#include "bench/run/group/prove_group.h"
#include "harness/base/process/interrupt.h"
#include "harness/base/stable_hash.h"
#include "harness/measure/honest_time.h"
#include "harness/measure/telemetry/judge_region.h"
#include "harness/measure/telemetry/summarize_region.h"
#include "kernels/op/verify.h"

namespace kernelgate {
namespace {

// At 100 GFLOP/s ten samples just fit into the wall cap; larger problems are a GPU's. A quicker suite has small
// problems anyway.
double cpu_flop_limit(const SamplingPolicy& policy) { return 1e10 * std::max(policy.wall_cap_s, 5.0); }

// Of the reference, when all was timed: the fewest outputs that an op checks. There were looks meanwhile.
constexpr double flop_budget_after = 0;

void keep_samples(const Member& member, const Contestant& contestant, const std::optional<RegionTelemetry>& telemetry,
                  const MeasureOptions& options) {
  CaseResult& result = *member.result;
  if (contestant.samples_s.empty()) return;
  // Repetitions within a process are one run: the process is the unit of comparison.
  if (result.runs.empty()) result.runs.emplace_back();
  CaseRun& run = result.runs.back();
  run.run = options.run;
  run.layout_seed = options.layout_seed;
  run.input_seed = options.seed;
  run.samples_s.insert(run.samples_s.end(), contestant.samples_s.begin(), contestant.samples_s.end());
  run.sm_clock_hz.insert(run.sm_clock_hz.end(), contestant.sm_clock_hz.begin(), contestant.sm_clock_hz.end());
  run.control_s.insert(run.control_s.end(), contestant.control_s.begin(), contestant.control_s.end());
  run.processor_s.insert(run.processor_s.end(), contestant.processor_s.begin(), contestant.processor_s.end());
  run.preempted += contestant.preempted;
  run.checked_s.insert(run.checked_s.end(), contestant.checked_s.begin(), contestant.checked_s.end());
  for (auto* beside : {&run.sm_clock_hz, &run.processor_s})
    if (beside->size() != run.samples_s.size()) beside->clear();
  for (const auto& [reason, count] : contestant.discarded) run.discarded[reason] += count;
  run.launches_per_sample = contestant.launches_per_sample;
  if (telemetry) run.telemetry.push_back(*telemetry);
}

std::string text_of(const std::exception_ptr& error) {
  if (!error) return "";
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  }
}

/// What became of a member after it was timed: the worst that is known of it.
void judge(const Member& member, const Contestant& contestant, const std::string& error, const RegionVerdict& verdict,
           double shortest_region_s, const MeasureOptions& options) {
  // A broken GPU says more than the CUDA error that it leads to.
  if (!verdict.stop.empty()) return fail(member, CaseStatus::invalid, verdict.invalid + " while it was timed");
  if (!error.empty())
    return fail(member, CaseStatus::error, verdict.failed.empty() ? error : verdict.failed + ": " + error);
  if (!contestant.wrong.empty()) return fail(member, CaseStatus::wrong, contestant.wrong);
  if (!contestant.left_running.empty()) return fail(member, CaseStatus::invalid, contestant.left_running);
  if (interrupted()) return;
  const std::size_t count = contestant.samples_s.size();
  if (!verdict.failed.empty())
    fail(member, CaseStatus::error, verdict.failed + " while it was timed");
  else if (!verdict.invalid.empty())
    fail(member, CaseStatus::invalid, verdict.invalid + " while it was timed");
  else if (const int fewest = options.policy.fewest_samples; count < static_cast<std::size_t>(fewest))
    fail(member, CaseStatus::invalid, fmt::format("only {} samples, {} are needed", count, fewest));
  else if (const std::string why = why_no_time(contestant, shortest_region_s); !why.empty())
    fail(member, CaseStatus::invalid, why);
}

/// Returns why nothing more should be measured; empty: go on.
std::string time_state(const std::vector<Member>& alive, CacheState state,
                       const std::map<std::string, Launch>& launches, Proof& proof, Stopwatch& stopwatch,
                       Telemetry* telemetry, const MeasureOptions& options) {
  std::vector<Member> members;
  std::vector<Contestant> contestants;
  std::deque<OutputCheck> checks;
  SamplingPolicy policy = options.policy;
  policy.secret = options.seed + (state == CacheState::hot);
  for (const Member& member : alive) {
    if (member.one->state != state) continue;
    members.push_back(member);
    contestants.emplace_back();
    contestants.back().work = launches.at(member.one->candidate.name);
    contestants.back().slowdown = options.injection.slowdown(member.one->name);
    const auto& seen = member.result->verification;
    checks.emplace_back(proof, contestants.back().work, seen && seen->repeats.value_or(false),
                        policy.secret + checks.size());
    contestants.back().check = &checks.back();
    const Work work = member.one->problem->work();
    contestants.back().floor_s =
        floor_s(work.flop, work.bytes, options.device.flop_per_s, options.device.bytes_per_s, state);
  }
  if (members.empty()) return "";
  const auto timed = [&] { sample(stopwatch, contestants, state, policy, options.on_progress); };
  std::optional<RegionTelemetry> seen;
  RegionVerdict verdict;
  std::exception_ptr error;
  if (telemetry != nullptr) {
    const Telemetry::Watched watched = telemetry->watch(timed);
    seen = summarize_region(watched.region);
    verdict = judge_region(watched.region);
    error = watched.error;
  } else {
    timed();
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!error) keep_samples(members[i], contestants[i], seen, options);
    judge(members[i], contestants[i], text_of(error), verdict, stopwatch.shortest_region_s(), options);
  }
  if (error && verdict.stop.empty())
    std::rethrow_exception(error);  // the device may be lost: nothing more of this group
  return verdict.stop;
}

}  // namespace

CaseResult blank_result(const Case& one) {
  CaseResult result;
  result.name = one.name;
  result.op = one.problem->op();
  result.problem = one.problem->name();
  result.label = one.problem->label();
  result.implementation = one.candidate.name;
  result.origin = one.candidate.origin == Origin::ours ? "ours" : "peer";
  result.state = to_string(one.state);
  result.flop = one.problem->work().flop;
  result.bytes = one.problem->work().bytes;
  return result;
}

std::string measure_group(const std::vector<Member>& members, Stopwatch& stopwatch, Telemetry* telemetry,
                          const MeasureOptions& options) {
  std::vector<Member> alive = members;
  for_each_alive(alive, [&](const Member& member) {
    member.result->injected =
        options.injection.slowdown(member.one->name) > 1 || options.injection.wrong(member.one->name);
    const Support support = member.one->problem->supports(member.one->candidate, options.device);
    if (!support) throw Unsupported(support.reason);
    const double flop = member.one->problem->work().flop;
    if (const double limit = cpu_flop_limit(options.policy); options.device.kind == DeviceKind::cpu && flop > limit)
      throw Unsupported(
          fmt::format("too large to time on a CPU: {:.3g} GFLOP, the limit is {:.3g}", flop * 1e-9, limit * 1e-9));
    return true;
  });
  if (alive.empty()) return "";
  try {
    Proof::Options bench_options;
    bench_options.seed = options.seed;
    // Of the group's own, so that its offsets don't depend on what else is measured.
    bench_options.layout_seed =
        options.layout_seed == 0 ? 0
                                 : options.layout_seed ^ StableHash().add(alive.front().one->problem->name()).value();
    Proof proof(alive.front().one->problem, options.device, bench_options);
    std::map<std::string, Launch> launches;  // by implementation: its cache states share what it prepared
    for_each_alive(alive, [&](const Member& member) {
      const std::string& name = member.one->candidate.name;
      if (!launches.contains(name)) launches[name] = proof.prepare(member.one->candidate);
      return true;
    });
    prove_group(alive, proof, launches, options.injection, "before");
    // Now its libraries are loaded.
    const CodeFacts facts = code_facts();
    for (const Member& member : alive) {
      const AnyProblem& problem = *member.one->problem;
      member.result->code_hash = code_hash(problem, member.one->candidate, options.device, facts);
      if (const auto choice = problem.choice(member.one->candidate, options.device)) {
        member.result->kernel = choice->implementation;
        member.result->chosen_by = choice->row;
      }
    }
    for (CacheState state : {CacheState::cold, CacheState::hot}) {
      std::string stop = time_state(alive, state, launches, proof, stopwatch, telemetry, options);
      if (stop.empty()) continue;
      for (const Member& member : alive)
        if (member.result->runs.empty() && member.result->status == CaseStatus::measured)
          fail(member, CaseStatus::invalid, "not measured: " + stop);
      return stop;
    }
    if (interrupted()) return "";
    proof.restore(flop_budget_after);
    std::erase_if(alive, [](const Member& member) { return member.result->status == CaseStatus::wrong; });
    prove_group(alive, proof, launches, options.injection, "after");
  } catch (const std::exception& e) {  // no memory, or the device is lost
    for (const Member& member : alive)
      if (member.result->status != CaseStatus::error) fail(member, CaseStatus::error, e.what());
  }
  return "";
}

}  // namespace kernelgate

#include "bench/run/group_measurement.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include "bench/code/code_hash.h"
#include "harness/base/interrupt.h"
#include "harness/base/stable_hash.h"
#include "harness/measure/telemetry/judge_region.h"
#include "harness/measure/telemetry/summarize_region.h"
#include "kernels/op/verify.h"

namespace kernelgate {
namespace {

// At 100 GFLOP/s ten samples take five seconds, the wall cap; larger problems are a GPU's.
constexpr double cpu_flop_limit = 5e10;

/// Whose machine code runs: where a case only chooses, that of what it chose.
AnyProblem::Candidate resolved(const Case& one, const Device& device) {
  const std::optional<Choice> choice = one.problem->choice(one.candidate, device);
  if (!choice) return one.candidate;
  for (const auto& candidate : one.problem->implementations())
    if (candidate.device == device.kind && candidate.name == choice->implementation) return candidate;
  return one.candidate;
}

VerificationRecord record_of(const Verification& found) {
  VerificationRecord record;
  record.right = found.right;
  record.checked = found.checked;
  record.outputs = found.outputs;
  record.max_error = found.max_error;
  // JSON has no infinity: a NaN, or an error where none is allowed, is the largest number there is.
  record.max_error_ratio = std::min(found.max_error_ratio, std::numeric_limits<double>::max());
  record.text = found.describe();
  return record;
}

void fail(const Member& member, CaseStatus status, const std::string& reason) {
  member.result->status = status;
  member.result->reason = reason;
}

/// Does `step` for each member and drops those for which it returns false or throws, with the reason.
template <class Step>
void for_each_alive(std::vector<Member>& alive, const Step& step) {
  std::erase_if(alive, [&](const Member& member) {
    try {
      return !step(member);
    } catch (const Unsupported& e) {
      fail(member, CaseStatus::skipped, e.what());
    } catch (const std::exception& e) {
      fail(member, CaseStatus::error, e.what());
    }
    return true;
  });
}

/// Checks each implementation once; its cache states share the verdict.
void verify(std::vector<Member>& alive, Proof& proof, const std::map<std::string, Launch>& launches,
            const Injection& injection, const char* when) {
  std::map<std::string, Verification> found;
  for_each_alive(alive, [&](const Member& member) {
    const std::string& name = member.one->candidate.name;
    const bool spoil = injection.wrong(member.one->name);
    if (spoil || !found.contains(name))
      found[name] = proof.verify(launches.at(name), spoil ? corrupt : std::function<void(const GuardedTensor&)>{});
    const Verification& seen = found.at(name);
    if (!member.result->verification || member.result->verification->right)
      member.result->verification = record_of(seen);
    if (!seen.right) fail(member, CaseStatus::wrong, fmt::format("{} ({} it was timed)", seen.describe(), when));
    return seen.right;
  });
}

void keep_samples(const Member& member, const Contestant& contestant, const std::optional<RegionTelemetry>& telemetry,
                  const MeasureOptions& options) {
  CaseResult& result = *member.result;
  if (contestant.samples_s.empty()) return;
  // Repetitions within a process are one run: the process is the unit of comparison.
  if (result.runs.empty()) result.runs.emplace_back();
  CaseRun& run = result.runs.back();
  run.run = options.run;
  run.layout_seed = options.layout_seed;
  run.samples_s.insert(run.samples_s.end(), contestant.samples_s.begin(), contestant.samples_s.end());
  run.sm_clock_hz.insert(run.sm_clock_hz.end(), contestant.sm_clock_hz.begin(), contestant.sm_clock_hz.end());
  run.control_s.insert(run.control_s.end(), contestant.control_s.begin(), contestant.control_s.end());
  if (run.sm_clock_hz.size() != run.samples_s.size()) run.sm_clock_hz.clear();
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
           const MeasureOptions& options) {
  // A broken GPU says more than the CUDA error that it leads to.
  if (!verdict.stop.empty()) return fail(member, CaseStatus::invalid, verdict.invalid + " while it was timed");
  if (!error.empty())
    return fail(member, CaseStatus::error, verdict.failed.empty() ? error : verdict.failed + ": " + error);
  if (interrupted()) return;
  const std::size_t count = contestant.samples_s.size();
  if (!verdict.failed.empty())
    fail(member, CaseStatus::error, verdict.failed + " while it was timed");
  else if (!verdict.invalid.empty())
    fail(member, CaseStatus::invalid, verdict.invalid + " while it was timed");
  else if (const int fewest = options.policy.fewest_samples; count < static_cast<std::size_t>(fewest))
    fail(member, CaseStatus::invalid, fmt::format("only {} samples, {} are needed", count, fewest));
}

/// Returns why nothing more should be measured; empty: go on.
std::string time_state(const std::vector<Member>& alive, CacheState state,
                       const std::map<std::string, Launch>& launches, Stopwatch& stopwatch, Telemetry* telemetry,
                       const MeasureOptions& options) {
  std::vector<Member> members;
  std::vector<Contestant> contestants;
  for (const Member& member : alive) {
    if (member.one->state != state) continue;
    members.push_back(member);
    contestants.emplace_back();
    contestants.back().work = launches.at(member.one->candidate.name);
    contestants.back().slowdown = options.injection.slowdown(member.one->name);
  }
  if (members.empty()) return "";
  const auto timed = [&] { sample(stopwatch, contestants, state, options.policy, options.on_progress); };
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
    judge(members[i], contestants[i], text_of(error), verdict, options);
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
    if (options.device.kind == DeviceKind::cpu && flop > cpu_flop_limit)
      throw Unsupported(fmt::format("too large to time on a CPU: {:.3g} GFLOP, the limit is {:.3g}", flop * 1e-9,
                                    cpu_flop_limit * 1e-9));
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
    verify(alive, proof, launches, options.injection, "before");
    // Now its libraries are loaded.
    const CodeFacts facts = code_facts();
    for (const Member& member : alive)
      member.result->code_hash = code_hash(resolved(*member.one, options.device), options.device, facts);
    for (CacheState state : {CacheState::cold, CacheState::hot}) {
      std::string stop = time_state(alive, state, launches, stopwatch, telemetry, options);
      if (stop.empty()) continue;
      for (const Member& member : alive)
        if (member.result->runs.empty() && member.result->status == CaseStatus::measured)
          fail(member, CaseStatus::invalid, "not measured: " + stop);
      return stop;
    }
    if (!interrupted()) verify(alive, proof, launches, options.injection, "after");
  } catch (const std::exception& e) {  // no memory, or the device is lost
    for (const Member& member : alive)
      if (member.result->status != CaseStatus::error) fail(member, CaseStatus::error, e.what());
  }
  return "";
}

}  // namespace kernelgate

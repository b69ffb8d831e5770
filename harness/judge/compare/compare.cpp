#include "harness/judge/compare/compare.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "harness/judge/compare/common_mode.h"
#include "harness/judge/compare/comparability.h"
#include "harness/judge/compare/decision.h"
#include "harness/judge/compare/suite_shift.h"
#include "harness/sides/processor_time.h"

namespace kernelgate {
namespace {

using nlohmann::json;

/// Where a change most likely comes from, by what differs between the sides.
std::string attribution_of(const CaseVerdict& verdict, const SideCase& fresh_case, const Side& base, const Side& fresh,
                           const Comparability& environment) {
  if (fresh_case.injected) return "injected";
  if (!environment.declared.empty()) return "environment";
  if (verdict.equal_code == true) return "machine";  // driver, firmware or hardware: the code is the same
  if (verdict.equal_code == false) return "code";
  const auto field = [](const Side& side, const char* name) {
    return side.build.is_object() ? side.build.value(name, json()) : json();
  };
  for (const char* name : {"commit", "compiler", "nvcc", "dirty"})
    if (field(base, name) != field(fresh, name)) return "code";
  return {};
}

std::optional<bool> equal_code(const SideCase& before, const SideCase& now) {
  if (before.code_hash.empty() || now.code_hash.empty() || now.injected || before.injected) return std::nullopt;
  return before.code_hash == now.code_hash;
}

/// A driver can't be changed within a boot, so that all runs of a boot share what it brought.
bool across_boots(const Comparability& environment) {
  return std::ranges::any_of(environment.declared, [](const std::string& text) {
    return text.starts_with("driver:") || text.starts_with("cuda_driver_api:") || text.starts_with("kernel");
  });
}

CaseVerdict conclude(CaseVerdict verdict, Verdict what, std::string reason) {
  verdict.verdict = what;
  verdict.reason = std::move(reason);
  return verdict;
}

class Judge {
 public:
  Judge(const Side& base, const Side& fresh, const CompareOptions& options)
      : base_(base),
        fresh_(fresh),
        options_(options),
        environment_(comparability(base, fresh, options.vary)),
        device_(class_of(fresh, options)) {
    if (options.run_sd) device_.run_sd = *options.run_sd;
  }

  const Comparability& environment() const { return environment_; }
  bool shared() const { return device_.shared; }

  void add(const SideCase* before, const SideCase& now) { verdicts_.push_back(first_look(before, now)); }

  void add_missing(const SideCase& before) {
    CaseVerdict verdict = undecided(before);
    verdict.base_runs = static_cast<int>(before.runs.size());
    if (!before.runs.empty()) verdict.base_s = median_s(before.runs);
    verdicts_.push_back(conclude(std::move(verdict), Verdict::not_comparable, "missing in the new result"));
  }

  /// Decides what is to be decided: all cases together, for they correct each other.
  std::vector<CaseVerdict> decided() {
    StudentTable table;
    if (device_.shared)
      for (auto runs : {&Open::base_runs, &Open::new_runs}) take_off_common(runs);
    std::vector<Evidence> suite;
    for (Open& one : open_) {
      one.evidence =
          weigh(one.base_runs, one.new_runs, device_, options_, options_.across_boots || across_boots(environment_));
      verdicts_[one.at].unit = to_string(one.evidence.unit);
      suite.push_back(one.evidence);
    }
    std::vector<Decision> decisions = decide(suite, scatter(), device_, options_, table);
    for (std::size_t i = 0; i < open_.size(); ++i) settle(open_[i], std::move(decisions[i]));
    return std::move(verdicts_);
  }

 private:
  /// A case that both sides measured.
  struct Open {
    std::size_t at;  ///< in verdicts_
    const SideCase* before;
    const SideCase* now;
    std::vector<RunSummary> base_runs, new_runs;
    Evidence evidence = {};
  };

  /// Of one side, what each of its runs has in common over the cases.
  void take_off_common(std::vector<RunSummary> Open::*runs) {
    std::vector<std::vector<RunSummary>*> cases;
    for (Open& one : open_) cases.push_back(&(one.*runs));
    kernelgate::take_off_common(cases);
  }

  CaseVerdict first_look(const SideCase* before, const SideCase& now) {
    CaseVerdict verdict = undecided(now);
    verdict.new_runs = static_cast<int>(now.runs.size());
    if (!now.runs.empty()) verdict.new_s = median_s(now.runs);
    if (before) {
      verdict.base_runs = static_cast<int>(before->runs.size());
      if (!before->runs.empty()) verdict.base_s = median_s(before->runs);
    }
    // What is wrong with the new side is said whatever the base is.
    if (now.status == CaseStatus::skipped) return conclude(std::move(verdict), Verdict::skipped, now.reason);
    if (now.status != CaseStatus::measured) {
      verdict.wrong = now.status == CaseStatus::wrong;
      return conclude(std::move(verdict), Verdict::invalid, fmt::format("{}: {}", to_string(now.status), now.reason));
    }
    if (!environment_.undeclared.empty())
      return conclude(std::move(verdict), Verdict::not_comparable, "the environments differ");
    if (!before) return conclude(std::move(verdict), Verdict::no_baseline, "the base has no such case");
    if (before->status != CaseStatus::measured)
      return conclude(std::move(verdict), Verdict::no_baseline,
                      fmt::format("{} in the base: {}", to_string(before->status), before->reason));
    if (before->flop != now.flop || before->bytes != now.bytes)
      return conclude(std::move(verdict), Verdict::not_comparable,
                      "its work (flop, bytes) is not the base's: another problem");
    verdict.equal_code = equal_code(*before, now);
    const bool by_mean = before->figure != now.figure;
    if (by_mean && (before->by_mean.empty() || now.by_mean.empty()))
      return conclude(std::move(verdict), Verdict::not_comparable,
                      fmt::format("the base has {} of it, and the new side {}", before->figure, now.figure));
    open_.push_back(
        {verdicts_.size(), before, &now, by_mean ? before->by_mean : before->runs, by_mean ? now.by_mean : now.runs});
    return verdict;
  }

  /// Of the cases whose code is the same on both sides, where they are enough: they are known not to have changed.
  Scatter scatter() const {
    std::vector<double> all, known;
    for (const Open& one : open_) {
      all.push_back(one.evidence.effect);
      if (verdicts_[one.at].equal_code == true) known.push_back(one.evidence.effect);
    }
    return scatter_of(known.size() >= fewest_for_scatter ? known : all);
  }

  void settle(const Open& one, Decision decision) {
    CaseVerdict& verdict = verdicts_[one.at];
    verdict.base_s = std::exp(one.evidence.base_level);
    verdict.new_s = std::exp(one.evidence.new_level);
    verdict.ratio = decision.ratio;
    verdict.ratio_low = decision.ratio_low;
    verdict.ratio_high = decision.ratio_high;
    verdict.detectable_ratio = decision.detectable_ratio;
    verdict.ratio_at_most = decision.ratio_at_most;
    verdict.control_ratio = decision.control_ratio;
    verdict.possibly = decision.possibly;
    verdict.beside_suite = decision.common != 0;
    if (decision.clocks) verdict.attribution = "clocks";
    if (decision.environment) verdict.attribution = "environment";
    if (decision.verdict == Verdict::slower || decision.verdict == Verdict::faster)
      verdict.attribution = attribution_of(verdict, *one.now, base_, fresh_, environment_);
    if (const std::string& remedy = one.now->remedy.empty() ? one.before->remedy : one.now->remedy;
        (decision.verdict == Verdict::inconclusive || decision.verdict == Verdict::possible) && !remedy.empty())
      decision.reason += "; " + remedy;
    if (one.before->figure != one.now->figure) decision.reason += "; by means, for one side has no medians of it";
    verdict = conclude(std::move(verdict), decision.verdict, std::move(decision.reason));
  }

  const Side& base_;
  const Side& fresh_;
  const CompareOptions& options_;
  Comparability environment_;
  DeviceClass device_;
  std::vector<CaseVerdict> verdicts_;
  std::vector<Open> open_;
};

std::map<std::string, const SideCase*> by_name(const Side& side) {
  std::map<std::string, const SideCase*> index;
  for (const SideCase& one : side.cases) index.emplace(one.name, &one);
  return index;
}

}  // namespace

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::same:
      return "SAME";
    case Verdict::faster:
      return "FASTER";
    case Verdict::slower:
      return "SLOWER";
    case Verdict::possible:
      return "POSSIBLE";
    case Verdict::inconclusive:
      return "INCONCLUSIVE";
    case Verdict::not_comparable:
      return "NOT_COMPARABLE";
    case Verdict::invalid:
      return "INVALID";
    case Verdict::no_baseline:
      return "NO_BASELINE";
    case Verdict::skipped:
      return "SKIPPED";
  }
  return "?";
}

KnownEqual known_equal(const std::vector<CaseVerdict>& cases) {
  KnownEqual count;
  for (const CaseVerdict& one : cases) {
    if (one.equal_code != true || one.unit.empty()) continue;
    ++count.compared;
    count.slower += one.verdict == Verdict::slower;
    count.faster += one.verdict == Verdict::faster;
  }
  return count;
}

void check_options(const CompareOptions& options) {
  if (!(options.threshold >= 0 && options.threshold < 10))
    throw HarnessError(ExitCode::usage, "the threshold must be at least 0 and below 1000 %");
  if (!(options.confidence >= 0.5 && options.confidence < 1))
    throw HarnessError(ExitCode::usage, "the confidence must be at least 50 % and below 100 %");
}

Comparison compare(const Side& given_base, const Side& given_fresh, const CompareOptions& options) {
  check_options(options);
  Side base = given_base, fresh = given_fresh;
  const int by_processor = use_processor_time(base, fresh);
  Judge judge(base, fresh, options);
  Comparison comparison;
  comparison.base_description = base.description;
  comparison.new_description = fresh.description;
  comparison.base_notes = base.notes;
  if (by_processor > 0)
    comparison.base_notes.push_back(fmt::format(
        "other processes took the cores while {} of {} cases were measured: these are judged, and shown, by "
        "the processor time of their own threads",
        by_processor, fresh.cases.size()));
  comparison.base_expired = base.expired;
  comparison.differences = judge.environment().undeclared;
  comparison.declared = judge.environment().declared;
  const auto before = by_name(base), now = by_name(fresh);
  for (const SideCase& one : fresh.cases) {
    const auto found = before.find(one.name);
    judge.add(found == before.end() ? nullptr : found->second, one);
  }
  if (!options.subset)
    for (const SideCase& one : base.cases)
      if (one.status == CaseStatus::measured && !now.contains(one.name)) judge.add_missing(one);
  comparison.cases = judge.decided();
  comparison.known_equal = known_equal(comparison.cases);
  EnvironmentShift shift = environment_shift(base, fresh, comparison.cases);
  attribute_to(shift, comparison.declared.empty(), comparison.cases);
  comparison.suite_shift = suite_shift(comparison.cases);
  if (comparison.suite_shift.empty() && shift.text.empty() && judge.shared())
    shift.text = moved_in_common(comparison.cases);
  comparison.also_differs = other_differences(base, fresh);
  comparison.environment_shift = std::move(shift.text);
  comparison.controls_unknown = std::move(shift.unknown);
  comparison.controls = std::move(shift.controls);
  return comparison;
}

Comparison compare(const Result& base, const Result& fresh, const CompareOptions& options) {
  return compare(side_of(base), side_of(fresh), options);
}

ExitCode Comparison::exit_code(bool strict) const {
  ExitCode code = differences.empty() ? ExitCode::good : ExitCode::refused;
  if (base_expired && strict) code = worse(code, ExitCode::inconclusive);
  bool only_skipped = true;
  for (const CaseVerdict& one : cases) {
    only_skipped = only_skipped && one.verdict == Verdict::skipped;
    if (one.wrong) code = worse(code, ExitCode::wrong);
    if (one.verdict == Verdict::invalid && !one.wrong) code = worse(code, ExitCode::invalid);
    if (one.verdict == Verdict::not_comparable) code = worse(code, ExitCode::refused);
    if (one.verdict == Verdict::slower) code = worse(code, one.machine ? ExitCode::invalid : ExitCode::regression);
    if ((one.verdict == Verdict::inconclusive || one.verdict == Verdict::possible) && strict)
      code = worse(code, ExitCode::inconclusive);
  }
  return only_skipped ? worse(code, ExitCode::nothing) : code;
}

}  // namespace kernelgate

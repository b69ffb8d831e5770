#include "harness/judge/driver/upgrade.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/judge/driver/boot_side.h"
#include "harness/judge/driver/judge_boots.h"
#include "harness/judge/driver/upgrade_words.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

using Boots = std::span<const Result>;

std::vector<NamedBoot> named_boots(const DriverUpgrade& upgrade) {
  std::vector<NamedBoot> boots;
  const auto add = [&](const char* step, const std::vector<Result>& results) {
    for (std::size_t i = 0; i < results.size(); ++i)
      boots.push_back({fmt::format("{}, boot {}", step, i + 1), &results[i]});
  };
  add("before", upgrade.before);
  add("after", upgrade.after);
  add("back", upgrade.back);
  return boots;
}

std::string driver_of_step(Boots boots) { return boots.empty() ? std::string() : driver_of(boots.front()); }

const SideCase* case_in(const Side& side, const std::string& name) {
  const auto found = std::ranges::find(side.cases, name, &SideCase::name);
  return found == side.cases.end() ? nullptr : &*found;
}

/// By what a change of this case is explained best. The code first: what did not change can't be the cause.
std::string why_of(const CaseVerdict& verdict, const JudgedBoots& judged) {
  if (verdict.verdict != Verdict::slower && verdict.verdict != Verdict::faster) return {};
  std::vector<std::string> parts;
  const bool slower = verdict.verdict == Verdict::slower;
  for (const ControlMove& one : judged.comparison.controls)
    if (one.moved && (one.ratio > 1) == slower) {
      parts.push_back(
          fmt::format("the control kernel {} was {}, too: clocks, power or memory, and no code of this case", one.name,
                      slower ? "slower" : "faster"));
      break;
    }
  const SideCase *before = case_in(judged.measured_base, verdict.name),
                 *now = case_in(judged.measured_fresh, verdict.name);
  if (before != nullptr && now != nullptr) parts.push_back(said_of_code(*before, *now));
  if (before != nullptr && now != nullptr)
    if (const std::string clocks = said_of_clocks(*before, *now); !clocks.empty()) parts.push_back(clocks);
  return fmt::format("{}", fmt::join(parts, "; "));
}

/// Of cases that got slower: whether they are again as they were. They alone are tested, each way.
void look_back(const DriverUpgrade& upgrade, const CompareOptions& options, std::vector<UpgradeCase>& cases) {
  std::set<std::string> slower;
  for (const UpgradeCase& one : cases)
    if (one.verdict.verdict == Verdict::slower) slower.insert(one.verdict.name);
  if (slower.empty()) return;
  const auto by_name = [&](Boots base, Boots fresh) {
    std::map<std::string, CaseVerdict> verdicts;
    for (CaseVerdict& one : judge_boots(base, fresh, options, slower).comparison.cases) {
      const std::string name = one.name;
      verdicts.emplace(name, std::move(one));
    }
    return verdicts;
  };
  const auto to_before = by_name(upgrade.before, upgrade.back), to_after = by_name(upgrade.after, upgrade.back);
  for (UpgradeCase& one : cases) {
    if (one.verdict.verdict != Verdict::slower) continue;
    const auto before = to_before.find(one.verdict.name), after = to_after.find(one.verdict.name);
    one.back = WentBack::undecided;
    if (before == to_before.end() || after == to_after.end()) continue;
    one.back_ratio = before->second.ratio;
    const bool recovered = after->second.verdict == Verdict::faster, still = before->second.verdict == Verdict::slower;
    if (recovered != still) one.back = recovered ? WentBack::undone : WentBack::stayed;
  }
}

void add_bounds(UpgradeDecision& decision) {
  std::vector<double> finds;
  for (const UpgradeCase& one : decision.cases) {
    const CaseVerdict& verdict = one.verdict;
    if (verdict.detectable_ratio) finds.push_back(*verdict.detectable_ratio);
    if (verdict.verdict == Verdict::slower || !verdict.ratio_at_most) continue;
    if (decision.at_most && *decision.at_most >= *verdict.ratio_at_most) continue;
    decision.at_most = verdict.ratio_at_most;
    decision.worst = verdict.name;
  }
  if (!finds.empty()) decision.finds = median(finds);
}

UpgradeAnswer answer_of(const UpgradeDecision& decision, ExitCode judged) {
  switch (judged) {
    case ExitCode::wrong:
      return UpgradeAnswer::wrong;
    case ExitCode::invalid:
      return UpgradeAnswer::invalid;
    case ExitCode::refused:
      return UpgradeAnswer::not_comparable;
    case ExitCode::nothing:
      return UpgradeAnswer::nothing;
    case ExitCode::regression:
      break;
    default:
      return UpgradeAnswer::not_slower;
  }
  const auto is_slower = [](const UpgradeCase& one) { return one.verdict.verdict == Verdict::slower; };
  const auto stayed = [&](const UpgradeCase& one) { return !is_slower(one) || one.back == WentBack::stayed; };
  return std::ranges::all_of(decision.cases, stayed) ? UpgradeAnswer::not_the_driver : UpgradeAnswer::slower;
}

/// What is wrong or spoilt is so in any boot.
bool is_spoilt(UpgradeAnswer answer) { return answer == UpgradeAnswer::wrong || answer == UpgradeAnswer::invalid; }

}  // namespace

const char* to_string(WentBack back) {
  switch (back) {
    case WentBack::not_asked:
      return "not asked";
    case WentBack::undone:
      return "undone";
    case WentBack::stayed:
      return "stayed";
    case WentBack::undecided:
      return "undecided";
  }
  return "?";
}

UpgradeDecision decide_upgrade(const DriverUpgrade& upgrade, const UpgradeOptions& options) {
  check_options(options.compare);
  UpgradeDecision decision;
  decision.before_boots = upgrade.before.size();
  decision.after_boots = upgrade.after.size();
  decision.back_boots = upgrade.back.size();
  decision.before_driver = driver_of_step(upgrade.before);
  decision.after_driver = driver_of_step(upgrade.after);
  decision.settings = compare_settings(named_boots(upgrade), options.compare.vary);
  const bool few = std::min(decision.before_boots, decision.after_boots) < fewest_driver_boots;
  if (!decision.settings.differences.empty()) {
    decision.answer = UpgradeAnswer::settings;
    decision.code = ExitCode::refused;
  } else if (decision.before_boots > 0 && decision.after_boots > 0) {
    JudgedBoots judged = judge_boots(upgrade.before, upgrade.after, options.compare);
    for (const CaseVerdict& one : judged.comparison.cases)
      decision.cases.push_back({one, few ? std::string() : why_of(one, judged)});
    if (!few && decision.back_boots >= fewest_driver_boots) look_back(upgrade, options.compare, decision.cases);
    decision.mean = mean_over_cases(judged, options.compare);
    decision.controls = judged.controls;
    add_bounds(decision);
    decision.code = judged.comparison.exit_code(options.strict);
    decision.comparison = std::move(judged.comparison);
    decision.answer = answer_of(decision, decision.comparison.exit_code(false));
    if (decision.answer == UpgradeAnswer::not_the_driver) decision.code = ExitCode::invalid;
  }
  if (few && decision.answer != UpgradeAnswer::settings && !is_spoilt(decision.answer)) {
    decision.answer = UpgradeAnswer::waiting;
    decision.code = options.strict ? ExitCode::inconclusive : ExitCode::good;
  }
  say_decision(decision, options);
  return decision;
}

}  // namespace kernelgate

#include "harness/judge/driver/upgrade_words.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/quantity.h"
#include "harness/judge/compare/decision.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

constexpr std::size_t most_named = 3;

std::string counted(std::size_t n, const char* word) { return fmt::format("{} {}{}", n, word, n == 1 ? "" : "s"); }

std::vector<const UpgradeCase*> of_verdict(const UpgradeDecision& decision, Verdict verdict) {
  std::vector<const UpgradeCase*> found;
  for (const UpgradeCase& one : decision.cases)
    if (one.verdict.verdict == verdict) found.push_back(&one);
  std::ranges::stable_sort(found, [](const UpgradeCase* a, const UpgradeCase* b) {
    return std::fabs(std::log(a->verdict.ratio.value_or(1))) > std::fabs(std::log(b->verdict.ratio.value_or(1)));
  });
  return found;
}

/// "matmul/... by +3.1 % (+2.2 % to +4.0 %), ... and 4 more".
std::string named_cases(const std::vector<const UpgradeCase*>& cases) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < std::min(cases.size(), most_named); ++i) {
    const CaseVerdict& one = cases[i]->verdict;
    texts.push_back(one.ratio ? fmt::format("{} by {} ({} to {})", one.name, show_change(*one.ratio),
                                            show_change(*one.ratio_low), show_change(*one.ratio_high))
                              : one.name);
  }
  std::string text = fmt::format("{}", fmt::join(texts, ", "));
  if (cases.size() > most_named) text += fmt::format(" and {} more", cases.size() - most_named);
  return text;
}

std::string drivers(const UpgradeDecision& decision) {
  const auto known = [](const std::string& driver) { return driver.empty() ? std::string("unknown") : driver; };
  if (decision.before_driver.empty() && decision.after_driver.empty()) return "the new driver";
  return fmt::format("driver {} instead of {}", known(decision.after_driver), known(decision.before_driver));
}

std::string bound(const UpgradeDecision& decision, const char* of) {
  if (!decision.at_most) return "how much slower anything may be is not known";
  if (*decision.at_most <= 1) return fmt::format("{} is slower at all (sure to {:.0f} %)", of, 100 * bound_confidence);
  return fmt::format("{} is slower than {} (sure to {:.0f} %)", of, show_change(*decision.at_most),
                     100 * bound_confidence);
}

std::string sentence_of(const UpgradeDecision& decision) {
  const auto slower = of_verdict(decision, Verdict::slower), faster = of_verdict(decision, Verdict::faster);
  switch (decision.answer) {
    case UpgradeAnswer::waiting:
      return fmt::format("not decided yet: reboot and append; before has {} of {}, after {}",
                         counted(decision.before_boots, "boot"), fewest_driver_boots, decision.after_boots);
    case UpgradeAnswer::settings:
      return fmt::format("nothing is decided: {}{}, which is no driver's doing",
                         to_text(decision.settings.differences.front()),
                         decision.settings.differences.size() == 1
                             ? std::string()
                             : fmt::format(" (and {} more)", decision.settings.differences.size() - 1));
    case UpgradeAnswer::not_slower: {
      std::string text = fmt::format("with {} {}", drivers(decision), bound(decision, "nothing"));
      if (!faster.empty()) text += fmt::format("; faster is {}", named_cases(faster));
      return text;
    }
    case UpgradeAnswer::slower:
      return fmt::format("with {} {} of {} slower: {}; {}", drivers(decision), slower.size(),
                         decision.cases.size() == 1 ? "1 case is" : fmt::format("{} cases are", decision.cases.size()),
                         named_cases(slower), bound(decision, "nothing else"));
    case UpgradeAnswer::not_the_driver:
      return fmt::format("{} of {} got slower, and stayed so when the old driver was back: not the driver; {}",
                         slower.size(), counted(decision.cases.size(), "case"), named_cases(slower));
    case UpgradeAnswer::wrong: {
      const auto wrong = std::ranges::find_if(decision.cases, [](const auto& one) { return one.verdict.wrong; });
      return fmt::format("{} computes something wrong with {}",
                         wrong == decision.cases.end() ? "a case" : wrong->verdict.name, drivers(decision));
    }
    case UpgradeAnswer::invalid: {
      const auto invalid = of_verdict(decision, Verdict::invalid);
      return invalid.empty() ? "nothing is decided: the machine itself moved while it was measured"
                             : fmt::format("nothing is decided: {} could not be measured: {}",
                                           invalid.front()->verdict.name, invalid.front()->verdict.reason);
    }
    case UpgradeAnswer::not_comparable: {
      const auto other = of_verdict(decision, Verdict::not_comparable);
      return other.empty() ? "nothing is decided: the two sides can't be compared"
                           : fmt::format("nothing is decided: {} can't be compared: {}", named_cases(other),
                                         other.front()->verdict.reason);
    }
    case UpgradeAnswer::nothing:
      return "nothing is decided: no case was measured";
  }
  return {};
}

const char* word_of(const UpgradeDecision& decision) {
  switch (decision.answer) {
    case UpgradeAnswer::waiting:
      return "NOT DECIDED YET";
    case UpgradeAnswer::settings:
      return "SETTINGS DIFFER";
    case UpgradeAnswer::not_slower:
      return "NOT SLOWER";
    case UpgradeAnswer::slower:
      return "SLOWER";
    case UpgradeAnswer::not_the_driver:
      return "NOT THE DRIVER";
    case UpgradeAnswer::wrong:
      return "WRONG";
    case UpgradeAnswer::invalid:
      return "INVALID";
    case UpgradeAnswer::not_comparable:
      return "NOT COMPARABLE";
    case UpgradeAnswer::nothing:
      return "NOTHING MEASURED";
  }
  return "";
}

std::string next_of(const UpgradeDecision& decision, const std::string& place) {
  const auto again = [&](const char* step) {
    return fmt::format("reboot, then: kernelgate driver {} --append-boot{}", step, place);
  };
  const bool waiting = decision.answer == UpgradeAnswer::waiting;
  if (waiting && decision.before_boots < fewest_driver_boots && decision.after_boots == 0) return again("before");
  if (waiting && decision.after_boots == 0)
    return fmt::format("install the new driver, reboot, then: kernelgate driver after{}", place);
  if (waiting && decision.before_boots < fewest_driver_boots)
    return fmt::format(
        "install the old driver, then: kernelgate driver before --append-boot{}   (one boot doesn't tell "
        "what a reboot alone changes)",
        place);
  if (waiting) return again("after");
  switch (decision.answer) {
    case UpgradeAnswer::settings:
      return fmt::format(
          "{}; then measure that step anew: kernelgate driver {} --anew{}",
          decision.settings.differences.front().remedy,
          decision.settings.differences.front().boot.substr(0, decision.settings.differences.front().boot.find(',')),
          place);
    case UpgradeAnswer::slower:
      if (decision.back_boots == 0)
        return fmt::format("is it the driver? Install {} again, reboot, then: kernelgate driver back{}",
                           decision.before_driver.empty() ? "the old driver" : decision.before_driver, place);
      if (decision.back_boots < fewest_driver_boots) return again("back");
      return fmt::format("stay with {}, and report it with this page",
                         decision.before_driver.empty() ? "the old driver" : decision.before_driver);
    case UpgradeAnswer::not_the_driver:
      return "look at the machine: kernelgate check";
    case UpgradeAnswer::wrong:
      return "go back to the old driver; kernelgate verify names the element";
    case UpgradeAnswer::not_slower:
      return fmt::format("keep it; more boots narrow the bound: {}", again("after"));
    case UpgradeAnswer::not_comparable:
      return fmt::format("measure the same cases on both sides: kernelgate driver after --anew{}", place);
    default:
      return fmt::format("let the machine get quiet, then: kernelgate driver after --anew{}", place);
  }
}

/// Empty: nobody went back.
std::string said_of_back(const UpgradeDecision& decision) {
  if (decision.back_boots == 0) return {};
  if (decision.back_boots < fewest_driver_boots)
    return fmt::format("the old driver was measured again in {}: {} tell what going back changed",
                       counted(decision.back_boots, "boot"), fewest_driver_boots);
  const auto slower = of_verdict(decision, Verdict::slower);
  if (slower.empty()) return "the old driver was measured again; there was nothing to undo";
  const auto are = [&](WentBack what) { return std::ranges::count(slower, what, &UpgradeCase::back); };
  return fmt::format(
      "with the old driver back, {} of {} had their old speed again, {} stayed slower, of {} it is not "
      "decided{}",
      are(WentBack::undone), counted(slower.size(), "slower case"), are(WentBack::stayed), are(WentBack::undecided),
      are(WentBack::undone) == std::ssize(slower) ? ": it is the driver" : "");
}

}  // namespace

void say_decision(UpgradeDecision& decision, const UpgradeOptions& options) {
  decision.word = word_of(decision);
  decision.sentence = sentence_of(decision);
  decision.next = next_of(decision, options.place);
  decision.back = said_of_back(decision);
  if (decision.answer == UpgradeAnswer::settings) return;
  const Comparison& comparison = decision.comparison;
  for (const std::string& line :
       {comparison.environment_shift, comparison.suite_shift, decision.controls.text, comparison.controls_unknown})
    if (!line.empty()) decision.notes.push_back(line);
  const auto slower_by_clock =
      std::ranges::count_if(decision.cases, [](const UpgradeCase& one) { return one.verdict.attribution == "clocks"; });
  if (slower_by_clock > 0)
    decision.notes.push_back(fmt::format("{} moved in seconds and not in clock cycles: clocks, power or heat",
                                         counted(static_cast<std::size_t>(slower_by_clock), "case")));
  if (const std::size_t least = std::min(decision.before_boots, decision.after_boots);
      least >= fewest_driver_boots && least < fewest_boots)
    decision.notes.push_back(
        fmt::format("with fewer than {} boots a side their spread is taken to be at least what is "
                    "usual between boots: more of them find smaller changes",
                    fewest_boots));
}

std::string said_of_code(const SideCase& before, const SideCase& now) {
  if (before.code_hash.empty() || now.code_hash.empty()) return "whether its machine code is the same is not known";
  if (before.code_hash == now.code_hash)
    return "the same machine code: what the driver does around it (memory, clocks, launches), or its firmware";
  if (now.origin == "peer")
    return "a library's code, which holds PTX that each driver compiles anew; or another version of it was loaded";
  return "other machine code";
}

std::string said_of_clocks(const SideCase& before, const SideCase& now) {
  const auto clock = [](const SideCase& one) -> std::optional<double> {
    std::vector<double> clocks;
    for (const RunSummary& run : one.runs) {
      if (!run.clock_hz) return {};
      clocks.push_back(*run.clock_hz);
    }
    return clocks.empty() ? std::nullopt : std::optional(median(clocks));
  };
  const std::optional<double> was = clock(before), is = clock(now);
  if (!was || !is) return {};
  return fmt::format("the SM clock was {}", show_change(*is / *was));
}

}  // namespace kernelgate

#include "harness/report/driver/driver_report.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/printable.h"
#include "harness/base/quantity.h"

namespace kernelgate {
namespace {

/// "38 SAME, 2 SLOWER", in the order of their weight.
std::string tally(const UpgradeDecision& decision) {
  std::map<Verdict, int> counts;
  for (const UpgradeCase& one : decision.cases) ++counts[one.verdict.verdict];
  std::vector<std::string> texts;
  for (const auto& [verdict, count] : counts) texts.push_back(fmt::format("{} {}", count, to_string(verdict)));
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string case_text(const UpgradeCase& one) {
  const CaseVerdict& verdict = one.verdict;
  std::string text = fmt::format("  {} {}", to_string(verdict.verdict), one_line(verdict.name));
  if (verdict.base_s && verdict.new_s)
    text += fmt::format(": {} -> {}", show_seconds(*verdict.base_s), show_seconds(*verdict.new_s));
  text += fmt::format("; {}\n", one_line(verdict.reason));
  if (!one.why.empty()) text += fmt::format("      {}\n", one_line(one.why));
  if (one.back != WentBack::not_asked)
    text += fmt::format("      going back: {}{}\n", to_string(one.back),
                        one.back_ratio ? fmt::format(", {} against before", show_change(*one.back_ratio)) : "");
  return text;
}

bool is_news(const CaseVerdict& verdict) {
  return verdict.verdict != Verdict::same && verdict.verdict != Verdict::inconclusive;
}

}  // namespace

std::string driver_text(const UpgradeDecision& decision) {
  std::string text = fmt::format("{}: {}.\n", decision.word, one_line(decision.sentence));
  for (const SettingDifference& one : decision.settings.differences)
    text += fmt::format("  {}: {}\n", one_line(to_text(one)), one_line(one.remedy));
  if (!decision.back.empty()) text += fmt::format("Going back: {}.\n", one_line(decision.back));
  const bool judged = !decision.cases.empty();
  if (judged) {
    text += fmt::format("\n{}: {}; before {} boots, after {}.\n",
                        decision.answer == UpgradeAnswer::waiting ? "So far" : "Cases", tally(decision),
                        decision.before_boots, decision.after_boots);
    if (decision.mean)
      text += fmt::format("Geometric mean of {} cases: {}, between {} and {}.\n", decision.mean->cases,
                          show_change(decision.mean->ratio, 2), show_change(decision.mean->low, 2),
                          show_change(decision.mean->high, 2));
    if (decision.at_most)
      text +=
          fmt::format("The worst case may be {} with {}.\n", one_line(decision.worst), show_change(*decision.at_most));
    if (decision.finds) text += fmt::format("A slowdown of {} would have been named.\n", show_finds(*decision.finds));
    for (const UpgradeCase& one : decision.cases)
      if (is_news(one.verdict)) text += case_text(one);
  }
  for (const std::string& note : decision.notes) text += fmt::format("Note: {}.\n", one_line(note));
  for (const std::string& unknown : decision.settings.unknown)
    text += fmt::format("Not known: {}.\n", one_line(unknown));
  return text + fmt::format("\nExit code {}.\nNext: {}\n", static_cast<int>(decision.code), one_line(decision.next));
}

}  // namespace kernelgate

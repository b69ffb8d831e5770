// The verdicts: a table of what was decided, and the reasons of all that is not simply SAME.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "harness/base/printable.h"
#include "harness/base/quantity.h"
#include "harness/report/document.h"

namespace kernelgate {
namespace {

std::string or_dash(const std::optional<double>& seconds) { return seconds ? show_seconds(*seconds) : "-"; }

std::vector<std::string> row_of(const CaseVerdict& one) {
  return {one.implementation,
          one.state,
          or_dash(one.base_s),
          or_dash(one.new_s),
          one.ratio ? show_change(*one.ratio) : "-",
          one.ratio_low && one.ratio_high
              ? fmt::format("{} .. {}", show_change(*one.ratio_low), show_change(*one.ratio_high))
              : "-",
          one.detectable_ratio ? show_finds(*one.detectable_ratio) : "-",
          fmt::format("{}/{}", one.base_runs, one.new_runs),
          to_string(one.verdict)};
}

void add_table(ReportDocument& document, const Comparison& comparison) {
  std::map<std::pair<std::string, std::string>, std::size_t> sections;  // op, problem -> which of the op's
  for (const CaseVerdict& one : comparison.cases) {
    auto table = std::ranges::find(document.tables, one.op, &ReportTable::title);
    if (table == document.tables.end()) {
      document.tables.push_back(
          {one.op,
           {"implementation", "state", "base", "new", "change", "interval", "finds", "runs", "verdict"},
           2,
           {},
           {"runs", "finds"}});
      table = document.tables.end() - 1;
    }
    const std::string problem = one.label.empty() ? one.problem : fmt::format("{} ({})", one.problem, one.label);
    const auto [at, is_new] = sections.try_emplace({one.op, problem}, table->sections.size());
    if (is_new) table->sections.push_back({problem, {}});
    table->sections[at->second].rows.push_back(row_of(one));
  }
}

/// Worst first. Cases of one reason share a line, for a refused environment says the same of all.
void add_reasons(ReportDocument& document, const Comparison& comparison, bool with_unmeasured) {
  static constexpr std::array order{Verdict::invalid,      Verdict::slower, Verdict::not_comparable, Verdict::possible,
                                    Verdict::inconclusive, Verdict::faster, Verdict::no_baseline,    Verdict::skipped};
  ReportList list{"Reasons", {}};
  for (Verdict verdict : order) {
    // A run's own lists say already what was not measured, and why.
    if (!with_unmeasured && (verdict == Verdict::invalid || verdict == Verdict::skipped)) continue;
    std::vector<std::pair<std::string, std::vector<std::string>>> by_reason;
    for (const CaseVerdict& one : comparison.cases) {
      if (one.verdict != verdict) continue;
      const std::string own = one.with_suite ? "it moved as the whole suite did" : one.reason;
      const std::string reason = one.attribution.empty() ? own : fmt::format("{} [{}]", own, one.attribution);
      auto found = std::ranges::find(by_reason, reason, [](const auto& entry) { return entry.first; });
      if (found == by_reason.end()) found = by_reason.insert(by_reason.end(), {reason, {}});
      found->second.push_back(one.name);
    }
    for (const auto& [reason, names] : by_reason)
      list.lines.push_back(names.size() == 1 ? fmt::format("{} {}: {}", to_string(verdict), names.front(), reason)
                                             : fmt::format("{} {} cases, {} and others: {}", to_string(verdict),
                                                           names.size(), names.front(), reason));
  }
  if (!list.lines.empty()) document.lists.push_back(std::move(list));
}

std::string counts_of(const Comparison& comparison) {
  std::vector<std::string> counts;
  for (int v = 0; v <= static_cast<int>(Verdict::skipped); ++v) {
    const auto verdict = static_cast<Verdict>(v);
    const auto count = std::ranges::count(comparison.cases, verdict, &CaseVerdict::verdict);
    if (count > 0) counts.push_back(fmt::format("{} {}", count, to_string(verdict)));
  }
  return counts.empty() ? "no cases" : fmt::format("{}", fmt::join(counts, ", "));
}

/// What was compared with itself, as far as known, and what was called there.
void add_known_equal(ReportDocument& document, const Comparison& comparison) {
  const KnownEqual& known = comparison.known_equal;
  if (known.compared > 0)
    document.head.push_back(
        fmt::format("known A/A: {} of {} cases run the same code on both sides; what is called there is a false alarm: "
                    "{} slower, {} faster",
                    known.compared, comparison.cases.size(), known.slower, known.faster));
  if (!comparison.known_equal_so_far.empty()) document.head.push_back(comparison.known_equal_so_far);
}

/// No verdicts: hints, a tenth of which may be false.
void add_possible(ReportDocument& document, const Comparison& comparison) {
  ReportList list{"Possibly changed (a tenth of these may be false; none counts)", {}};
  for (const CaseVerdict& one : comparison.cases)
    if (one.possibly && one.verdict == Verdict::inconclusive && one.ratio)
      list.lines.push_back(fmt::format("{} {}", one.name, show_change(*one.ratio)));
  if (!list.lines.empty()) document.lists.push_back(std::move(list));
}

/// Names come from files of others, too, and may hold what steers a terminal or feigns a line.
void keep_on_their_lines(ReportDocument& document) {
  const auto all = [](std::vector<std::string>& texts) {
    for (std::string& text : texts) text = one_line(text);
  };
  all(document.head);
  all(document.legend);
  for (ReportTable& table : document.tables) {
    table.title = one_line(table.title);
    all(table.header);
    for (ReportTable::Section& section : table.sections) {
      section.title = one_line(section.title);
      for (auto& row : section.rows) all(row);
    }
  }
  for (ReportList& list : document.lists) {
    list.title = one_line(list.title);
    all(list.lines);
  }
}

}  // namespace

void add_comparison(ReportDocument& document, const Comparison& comparison, bool with_table) {
  document.head.push_back("base: " + comparison.base_description);
  for (const std::string& note : comparison.base_notes) document.head.push_back("base: " + note);
  if (with_table) document.head.push_back("new:  " + comparison.new_description);
  document.head.push_back("verdicts: " + counts_of(comparison));
  if (!comparison.suite_shift.empty()) document.head.push_back("SUITE_SHIFT: " + comparison.suite_shift);
  if (!comparison.environment_shift.empty())
    document.head.push_back("ENVIRONMENT_SHIFT: " + comparison.environment_shift);
  if (!comparison.controls_unknown.empty()) document.head.push_back("control kernels: " + comparison.controls_unknown);
  add_known_equal(document, comparison);
  for (const std::string& text : comparison.declared) document.head.push_back("differs, as declared: " + text);
  for (const std::string& text : comparison.also_differs) document.head.push_back("differs too: " + text);
  if (with_table) add_table(document, comparison);
  add_reasons(document, comparison, with_table);
  add_possible(document, comparison);
  if (!comparison.differences.empty())
    document.lists.push_back(
        {"Not comparable: these differ, and were not declared with --vary", comparison.differences});
  if (with_table) {
    document.legend.push_back("change: new over base, above 0 is slower; interval: of 95 %; runs: base/new");
    document.legend.push_back("base, new: of what decides: on a GPU the runs' medians, on a CPU their lower quartiles");
    document.legend.push_back("finds: the smallest slowdown that this comparison detects reliably, 9 times in 10");
  }
  document.legend.push_back(
      "SAME: any change is smaller than the margin; INCONCLUSIVE: too noisy to tell; the reasons say what would help");
  if (std::ranges::count(comparison.cases, Verdict::possible, &CaseVerdict::verdict) > 0)
    document.legend.push_back("POSSIBLE: a change that the processes measured can't prove; it is no regression yet");
}

ReportDocument report_document(const Report& report) {
  return report_document(report, report.result ? case_rows(report) : std::vector<CaseRow>{});
}

ReportDocument report_document(const Report& report, const std::vector<CaseRow>& rows) {
  ReportDocument document;
  if (report.result) add_result(document, report, rows);
  if (report.comparison) add_comparison(document, *report.comparison, report.result == nullptr);
  keep_on_their_lines(document);
  return document;
}

}  // namespace kernelgate

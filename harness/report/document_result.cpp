// A run's tables: per op and problem, each implementation beside the best peer.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "harness/base/quantity.h"
#include "harness/report/case_rows.h"
#include "harness/report/document.h"

namespace kernelgate {
namespace {

std::string verdict_cell(const CaseVerdict* verdict) {
  if (verdict == nullptr) return "";
  const bool decided = verdict->verdict == Verdict::slower || verdict->verdict == Verdict::faster;
  return decided && verdict->ratio ? fmt::format("{} {}", to_string(verdict->verdict), show_change(*verdict->ratio))
                                   : to_string(verdict->verdict);
}

template <class T>
T& find_or_add(std::vector<T>& all, const std::string& title) {
  const auto found = std::ranges::find(all, title, &T::title);
  if (found != all.end()) return *found;
  all.emplace_back();
  all.back().title = title;
  return all.back();
}

/// A column of NO_BASELINE alone says nothing that the head has not said.
bool has_verdicts(const Comparison* comparison) {
  return comparison != nullptr && std::ranges::any_of(comparison->cases, [](const CaseVerdict& one) {
           return one.verdict != Verdict::no_baseline && one.verdict != Verdict::skipped;
         });
}

void add_tables(ReportDocument& document, const Report& report, const std::vector<CaseRow>& rows) {
  const bool verdicts = has_verdicts(report.comparison);
  std::map<std::pair<std::string, std::string>, std::size_t> sections;  // op, problem -> which of the op's
  for (const CaseRow& one : rows) {
    if (!one.median_s || one.measured == nullptr) continue;
    ReportTable& table = find_or_add(document.tables, one.op);
    if (table.header.empty()) {
      table.header = {"implementation", "state", "median", "p95", "p99", "throughput", "vs peer"};
      if (verdicts) table.header.push_back("verdict");
      table.dispensable = {"p95", "p99"};
    }
    std::vector<std::string> cells{one.implementation,
                                   one.state,
                                   show_seconds(*one.median_s),
                                   show_seconds(*one.p95_s),
                                   show_seconds(*one.p99_s),
                                   show_throughput(one.flop, one.bytes, *one.median_s),
                                   one.vs_peer ? fmt::format("{:.2f}x", *one.vs_peer) : "-"};
    if (verdicts) cells.push_back(verdict_cell(one.verdict));
    const std::string problem = one.label.empty() ? one.problem : fmt::format("{} ({})", one.problem, one.label);
    const auto [at, is_new] = sections.try_emplace({one.op, problem}, table.sections.size());
    if (is_new) table.sections.push_back({problem, {}});
    table.sections[at->second].rows.push_back(std::move(cells));
  }
}

/// Skipped cases share few reasons: they are counted by reason. What failed is named, each.
void add_unmeasured(ReportDocument& document, const std::vector<CaseRow>& rows) {
  std::map<std::string, std::map<std::string, int>> skipped;  // reason -> op/implementation -> cases
  ReportList failed{"Not right, or not measured", {}};
  for (const CaseRow& row : rows) {
    if (row.median_s || row.measured == nullptr) continue;
    const CaseResult& one = *row.measured;
    if (one.status == CaseStatus::skipped)
      ++skipped[one.reason][one.op + "/" + one.implementation];
    else
      failed.lines.push_back(fmt::format("{} {}: {}", to_string(one.status), one.name, one.reason));
  }
  if (!failed.lines.empty()) document.lists.push_back(std::move(failed));
  ReportList list{"Skipped", {}};
  for (const auto& [reason, counts] : skipped) {
    std::vector<std::string> names;
    for (const auto& [name, count] : counts)
      names.push_back(fmt::format("{} ({} {})", name, count, count == 1 ? "case" : "cases"));
    list.lines.push_back(fmt::format("{}: {}", fmt::join(names, ", "), reason));
  }
  if (!list.lines.empty()) document.lists.push_back(std::move(list));
}

}  // namespace

void add_result(ReportDocument& document, const Report& report, const std::vector<CaseRow>& rows) {
  const Result& result = *report.result;
  document.head.push_back(side_of(result).description);
  if (result.status != "complete")
    document.head.push_back(fmt::format("This run was {}: what it lacks was not measured.", result.status));
  if (!result.injection.empty())
    document.head.push_back("A fault was injected on purpose: these are no figures of this device.");
  add_tables(document, report, rows);
  add_unmeasured(document, rows);
  if (document.tables.empty()) {
    document.head.push_back("Nothing was measured.");
    return;
  }
  document.legend.push_back(
      "median: over process runs of each run's median; p95, p99: of all samples; cold: caches flushed before each");
  document.legend.push_back(
      "throughput: of the work the algorithm needs; vs peer: 1.20x means that the best peer takes 1.2 times as long");
}

}  // namespace kernelgate

#include "harness/report/case_rows.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

template <class T>
using ByName = std::unordered_map<std::string_view, const T*>;

template <class Cases>
auto by_name(const Cases* cases) {
  ByName<typename Cases::value_type> all;
  if (cases != nullptr)
    for (const auto& one : *cases) all.try_emplace(one.name, &one);
  return all;
}

template <class T>
const T* find(const ByName<T>& all, const std::string& name) {
  const auto found = all.find(name);
  return found == all.end() ? nullptr : found->second;
}

struct Known {
  ByName<CaseResult> measured, base_measured;
  ByName<SideCase> fresh, base;
  ByName<CaseVerdict> verdicts;

  explicit Known(const Report& report)
      : measured(by_name(report.measured() ? &report.measured()->cases : nullptr)),
        base_measured(by_name(report.sources.base_result ? &report.sources.base_result->cases : nullptr)),
        fresh(by_name(report.sources.fresh ? &report.sources.fresh->cases : nullptr)),
        base(by_name(report.sources.base ? &report.sources.base->cases : nullptr)),
        verdicts(by_name(report.comparison ? &report.comparison->cases : nullptr)) {}
};

template <class Case>
void take_words(CaseRow& row, const Case& from) {
  std::tie(row.name, row.op, row.problem, row.label, row.implementation, row.state) =
      std::tie(from.name, from.op, from.problem, from.label, from.implementation, from.state);
}

/// All samples of all runs; without them, the median of what is left of the runs.
void take_times(CaseRow& row) {
  if (row.status != CaseStatus::measured) return;
  if (row.measured == nullptr) {
    if (row.fresh == nullptr || row.fresh->runs.empty()) return;
    row.median_s = median_s(row.fresh->runs);
    row.runs = row.fresh->runs.size();
    for (const RunSummary& run : row.fresh->runs) row.samples += run.samples;
    return;
  }
  std::vector<double> medians, all;
  for (const CaseRun& run : row.measured->runs) {
    if (run.samples_s.empty()) continue;
    medians.push_back(median(run.samples_s));
    all.insert(all.end(), run.samples_s.begin(), run.samples_s.end());
  }
  if (all.empty()) return;
  const Summary s = summarize(all);
  row.median_s = median(medians);
  std::tie(row.min_s, row.p95_s, row.p99_s, row.mean_s) = std::tuple(s.min, s.p95, s.p99, s.mean);
  row.runs = medians.size();
  row.samples = s.count;
}

CaseRow row_of(const Known& known, const std::string& name) {
  CaseRow row;
  row.measured = find(known.measured, name);
  row.base_measured = find(known.base_measured, name);
  row.fresh = find(known.fresh, name);
  row.base = find(known.base, name);
  row.verdict = find(known.verdicts, name);
  if (row.verdict != nullptr) take_words(row, *row.verdict);
  const auto take = [&row](const auto& from) {
    take_words(row, from);
    row.origin = from.origin;
    row.status = from.status;
    row.reason = from.reason;
    row.flop = from.flop;
    row.bytes = from.bytes;
  };
  if (row.measured == nullptr && row.fresh == nullptr && row.base != nullptr) {
    take(*row.base);
    row.status = CaseStatus::skipped;  // the base's time is not this side's
  }
  if (row.fresh != nullptr) take(*row.fresh);
  if (row.measured != nullptr) take(*row.measured);
  if (row.verdict != nullptr && !row.verdict->reason.empty()) row.reason = row.verdict->reason;
  take_times(row);
  return row;
}

void compare_with_peers(std::vector<CaseRow>& rows) {
  std::map<std::tuple<std::string, std::string, std::string>, double> best;
  for (const CaseRow& row : rows) {
    if (!row.median_s || row.origin != "peer") continue;
    const auto [at, is_new] = best.try_emplace({row.op, row.problem, row.state}, *row.median_s);
    if (!is_new) at->second = std::min(at->second, *row.median_s);
  }
  for (CaseRow& row : rows)
    if (const auto peer = best.find({row.op, row.problem, row.state}); row.median_s && peer != best.end())
      row.vs_peer = peer->second / *row.median_s;
}

}  // namespace

std::string CaseRow::word() const {
  if (verdict != nullptr) return verdict->wrong ? "WRONG" : to_string(verdict->verdict);
  std::string text = to_string(status == CaseStatus::measured && !median_s ? CaseStatus::skipped : status);
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::optional<double> CaseRow::per_second(double amount) const {
  if (!median_s || !(amount > 0) || !(*median_s > 0)) return std::nullopt;
  return amount / *median_s;
}

std::vector<CaseRow> case_rows(const Report& report) {
  const Known known(report);
  std::vector<CaseRow> rows;
  if (report.result != nullptr)
    for (const CaseResult& one : report.result->cases) rows.push_back(row_of(known, one.name));
  if (report.comparison != nullptr)
    for (const CaseVerdict& one : report.comparison->cases)
      if (report.result == nullptr || find(known.measured, one.name) == nullptr)
        rows.push_back(row_of(known, one.name));
  if (report.result == nullptr && report.comparison == nullptr && report.sources.fresh != nullptr)
    for (const SideCase& one : report.sources.fresh->cases) rows.push_back(row_of(known, one.name));
  compare_with_peers(rows);
  return rows;
}

}  // namespace kernelgate

// A run's tables: per op and problem, each implementation beside the best peer.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>

#include "harness/base/quantity.h"
#include "harness/report/document.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

bool is_measured(const CaseResult& one) {
  return one.status == CaseStatus::measured &&
         std::ranges::any_of(one.runs, [](const CaseRun& run) { return !run.samples_s.empty(); });
}

/// As the comparison counts: the median over runs of the runs' medians.
double median_of(const CaseResult& one) {
  std::vector<double> medians;
  for (const CaseRun& run : one.runs)
    if (!run.samples_s.empty()) medians.push_back(median(run.samples_s));
  return median(medians);
}

Summary all_samples(const CaseResult& one) {
  std::vector<double> samples;
  for (const CaseRun& run : one.runs) samples.insert(samples.end(), run.samples_s.begin(), run.samples_s.end());
  return summarize(samples);
}

using Contest = std::tuple<std::string, std::string, std::string>;  // op, problem, state

std::map<Contest, double> best_peers(const Result& result) {
  std::map<Contest, double> best;
  for (const CaseResult& one : result.cases) {
    if (!is_measured(one) || one.origin != "peer") continue;
    const auto [at, is_new] = best.try_emplace({one.op, one.problem, one.state}, median_of(one));
    if (!is_new) at->second = std::min(at->second, median_of(one));
  }
  return best;
}

std::string verdict_cell(const Comparison* comparison, const CaseResult& one) {
  if (!comparison) return "";
  const auto found = std::ranges::find(comparison->cases, one.name, &CaseVerdict::name);
  if (found == comparison->cases.end()) return "";
  const bool decided = found->verdict == Verdict::slower || found->verdict == Verdict::faster;
  return decided && found->ratio ? fmt::format("{} {}", to_string(found->verdict), show_change(*found->ratio))
                                 : to_string(found->verdict);
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

void add_tables(ReportDocument& document, const Result& result, const Comparison* comparison) {
  if (!has_verdicts(comparison)) comparison = nullptr;
  const auto best = best_peers(result);
  for (const CaseResult& one : result.cases) {
    if (!is_measured(one)) continue;
    ReportTable& table = find_or_add(document.tables, one.op);
    if (table.header.empty()) {
      table.header = {"implementation", "state", "median", "p95", "p99", "throughput", "vs peer"};
      if (comparison) table.header.push_back("verdict");
      table.dispensable = {"p95", "p99"};
    }
    const double typical = median_of(one);
    const Summary all = all_samples(one);
    const auto peer = best.find({one.op, one.problem, one.state});
    std::vector<std::string> row{one.implementation,
                                 one.state,
                                 show_seconds(typical),
                                 show_seconds(all.p95),
                                 show_seconds(all.p99),
                                 show_throughput(one.flop, one.bytes, typical),
                                 peer == best.end() ? "-" : fmt::format("{:.2f}x", peer->second / typical)};
    if (comparison) row.push_back(verdict_cell(comparison, one));
    const std::string problem = one.label.empty() ? one.problem : fmt::format("{} ({})", one.problem, one.label);
    find_or_add(table.sections, problem).rows.push_back(std::move(row));
  }
}

/// Skipped cases share few reasons: they are counted by reason. What failed is named, each.
void add_unmeasured(ReportDocument& document, const Result& result) {
  std::map<std::string, std::map<std::string, int>> skipped;  // reason -> op/implementation -> cases
  ReportList failed{"Not right, or not measured", {}};
  for (const CaseResult& one : result.cases) {
    if (is_measured(one)) continue;
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

void add_result(ReportDocument& document, const Result& result, const Comparison* comparison) {
  document.head.push_back(side_of(result).description);
  if (result.status != "complete")
    document.head.push_back(fmt::format("This run was {}: what it lacks was not measured.", result.status));
  if (!result.injection.empty())
    document.head.push_back("A fault was injected on purpose: these are no figures of this device.");
  add_tables(document, result, comparison);
  add_unmeasured(document, result);
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

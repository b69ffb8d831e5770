// How the samples of each case lie, by process run: five marks a run, and a fixed number of quantiles of all samples.

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/report/page/page_data.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

/// Dots of a quantile dot plot: each is a twentieth of the samples.
constexpr int quantile_dots = 20;

double quantile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

/// [p5, q1, median, q3, p95] of each run.
void add_samples(CompactJson& out, const std::vector<CaseRun>& runs, double scale) {
  std::vector<double> all;
  out.open('[');
  out.open('[');
  for (const CaseRun& run : runs) {
    if (run.samples_s.empty()) continue;
    all.insert(all.end(), run.samples_s.begin(), run.samples_s.end());
    const Summary s = summarize(run.samples_s);
    out.open('[');
    for (double mark : {s.p5, s.q1, s.median, s.q3, s.p95}) out.share(mark, scale);
    out.close(']');
  }
  out.close(']');
  std::ranges::sort(all);
  out.open('[');
  for (int i = 0; i < quantile_dots && !all.empty(); ++i) out.share(quantile(all, (i + 0.5) / quantile_dots), scale);
  out.close(']');
  out.close(']');
}

/// Where no samples were kept, the quartiles are what there is of a run.
void add_summaries(CompactJson& out, const std::vector<RunSummary>& runs, double scale) {
  // A baseline has some hundred; the last ones are the nearest.
  constexpr std::size_t most_runs = 20;
  out.open('[');
  out.open('[');
  for (std::size_t i = runs.size() - std::min(runs.size(), most_runs); i < runs.size(); ++i) {
    out.open('[');
    for (double mark : {runs[i].q1_s, runs[i].q1_s, runs[i].median_s, runs[i].q3_s, runs[i].q3_s})
      out.share(mark, scale);
    out.close(']');
  }
  out.close(']');
  out.open('[');
  out.close(']');
  out.close(']');
}

void add_side(CompactJson& out, const CaseResult* measured, const SideCase* side, double scale) {
  if (measured != nullptr && measured->status == CaseStatus::measured && !measured->runs.empty())
    add_samples(out, measured->runs, scale);
  else if (side != nullptr && !side->runs.empty())
    add_summaries(out, side->runs, scale);
  else
    out.null();
}

}  // namespace

void add_distributions(CompactJson& out, const std::vector<CaseRow>& rows) {
  out.key("distributions");
  out.open('[');
  for (const CaseRow& row : rows) {
    const double scale = row.median_s                                     ? *row.median_s
                         : row.base != nullptr && !row.base->runs.empty() ? median_s(row.base->runs)
                                                                          : 0;
    if (!(scale > 0)) {
      out.null();
      continue;
    }
    out.open('[');
    out.number(scale);
    add_side(out, row.measured, row.fresh, scale);
    add_side(out, row.base_measured, row.base, scale);
    out.close(']');
  }
  out.close(']');
}

}  // namespace kernelgate

#include "harness/judge/compare/common_mode.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "harness/judge/compare/decision.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

double log_level(const std::vector<RunSummary>& runs) { return std::log(median_s(runs)); }

/// How many runs most cases have.
std::size_t usual_runs(const std::vector<std::vector<RunSummary>*>& cases) {
  std::map<std::size_t, std::size_t> counts;
  for (const auto* runs : cases) ++counts[runs->size()];
  const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  return most == counts.end() ? 0 : most->first;
}

}  // namespace

void take_off_common(std::vector<std::vector<RunSummary>*> cases) {
  const std::size_t runs = usual_runs(cases);
  std::erase_if(cases, [runs](const auto* one) { return one->size() != runs; });
  if (runs < 2 || cases.size() < fewest_for_scatter) return;
  std::vector<double> common;
  for (std::size_t i = 0; i < runs; ++i) {
    std::vector<double> moves;
    for (const auto* one : cases) moves.push_back(std::log((*one)[i].median_s) - log_level(*one));
    common.push_back(median(moves));
  }
  const double middle = median(common);
  for (auto* one : cases)
    for (std::size_t i = 0; i < runs; ++i) {
      const double share = std::exp(middle - common[i]);
      RunSummary& run = (*one)[i];
      for (auto field : {&RunSummary::median_s, &RunSummary::q1_s, &RunSummary::q3_s}) run.*field *= share;
    }
}

}  // namespace kernelgate

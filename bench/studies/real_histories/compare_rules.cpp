#include "bench/studies/real_histories/compare_rules.h"

#include <span>
#include <utility>

#include "harness/history/learn/learn_suite.h"
#include "harness/statistics/statistics.h"

namespace kernelgate::real_histories {
namespace {

Calls calls_of(const Comparison& comparison) {
  Calls calls;
  std::vector<double> ratios;
  for (const CaseVerdict& one : comparison.cases) {
    const int way = one.verdict == Verdict::slower ? 1 : one.verdict == Verdict::faster ? -1 : 0;
    calls.cases[one.name] = {way, to_string(one.verdict) + (": " + one.reason)};
    if (one.ratio) ratios.push_back(*one.ratio);
  }
  calls.red = !comparison.suite_shift.empty();
  calls.of_all = comparison.suite_shift.empty() ? comparison.environment_shift : comparison.suite_shift;
  if (!calls.of_all.empty()) calls.suite = median(ratios) > 1 ? 1 : -1;
  return calls;
}

/// A rule on the medians, or all, of each side's values.
Calls simple_rule(const Side& base, const Side& fresh,
                  const std::function<int(std::span<const double>, std::span<const double>)>& rule) {
  Calls calls;
  std::map<std::string, const SideCase*> before;
  for (const SideCase& one : base.cases) before.emplace(one.name, &one);
  for (const SideCase& now : fresh.cases) {
    const auto found = before.find(now.name);
    if (found == before.end()) continue;
    std::vector<double> a, b;
    for (const RunSummary& run : found->second->runs) a.push_back(run.median_s);
    for (const RunSummary& run : now.runs) b.push_back(run.median_s);
    calls.cases[now.name].way = rule(a, b);
  }
  return calls;
}

int beyond(std::span<const double> a, std::span<const double> b, double share) {
  const double ratio = median(b) / median(a);
  return ratio > 1 + share ? 1 : ratio < 1 / (1 + share) ? -1 : 0;
}

/// Mann and Whitney's at 5 %, one-sided each way, exact by counting all ways to part the values.
int mann_whitney(std::span<const double> a, std::span<const double> b) {
  if (a.size() + b.size() > 12) return 0;
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  const auto larger = [&](unsigned mask) {
    double count = 0;
    for (std::size_t i = 0; i < all.size(); ++i)
      for (std::size_t j = 0; j < all.size(); ++j)
        if ((mask >> i & 1U) == 0 && (mask >> j & 1U) == 1) count += all[j] > all[i] ? 1 : all[j] == all[i] ? 0.5 : 0;
    return count;
  };
  unsigned own = 0;
  for (std::size_t i = a.size(); i < all.size(); ++i) own |= 1U << i;
  const double seen = larger(own);
  double ways = 0, as_large = 0, as_small = 0;
  for (unsigned mask = 0; mask < 1U << all.size(); ++mask) {
    if (static_cast<std::size_t>(__builtin_popcount(mask)) != b.size()) continue;
    ++ways;
    as_large += larger(mask) >= seen ? 1 : 0;
    as_small += larger(mask) <= seen ? 1 : 0;
  }
  return as_large / ways <= 0.05 ? 1 : as_small / ways <= 0.05 ? -1 : 0;
}

}  // namespace

Rule files_alone(const CompareOptions& options) {
  return {"**kernelgate, files alone**", [options](const Source&, std::size_t, const Side& base, const Side& fresh) {
            return calls_of(compare(base, fresh, options));
          }};
}

const LearnedSuite& LearnedSuites::of(const Source& source, std::size_t at) {
  const auto [place, is_new] = known_.try_emplace({&source, at});
  if (is_new) place->second = history::learn_from(series_of(source, at));
  return place->second;
}

Rule learned_history(const CompareOptions& options, const std::shared_ptr<LearnedSuites>& learned) {
  return {"**kernelgate, learned history**",
          [options, learned](const Source& source, std::size_t at, const Side&, const Side& fresh) {
            return calls_of(compare_with_learned(learned->of(source, at), fresh, options));
          }};
}

Rule by_share(std::string name, double share) {
  return {std::move(name), [share](const Source&, std::size_t, const Side& base, const Side& fresh) {
            return simple_rule(base, fresh, [share](auto a, auto b) { return beyond(a, b, share); });
          }};
}

Rule by_mann_whitney() {
  return {"Mann-Whitney, 5 %", [](const Source&, std::size_t, const Side& base, const Side& fresh) {
            return simple_rule(base, fresh, mann_whitney);
          }};
}

}  // namespace kernelgate::real_histories

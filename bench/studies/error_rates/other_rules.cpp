#include "bench/studies/error_rates/other_rules.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/statistics/distributions.h"
#include "harness/statistics/statistics.h"

namespace kernelgate::error_rates {
namespace {

using Samples = std::span<const double>;

bool nvbench_legacy(const Observed& seen) {
  const Summary base = summarize(seen.base), fresh = summarize(seen.fresh);
  const double change = (fresh.mean - base.mean) / base.mean;
  return change > std::min(base.stddev / base.mean, fresh.stddev / fresh.mean);
}

bool nvbench_robust(const Observed& seen) {
  // Intervals from the minimum to the upper quartile, apart by half a percent. Clocks are constant here, so that what
  // holds in seconds holds in cycles.
  const Summary base = summarize(seen.base), fresh = summarize(seen.fresh);
  return fresh.min - base.q3 >= 0.005 * base.median;
}

/// Two-sided at 5 %, and slower.
bool u_test_slower(Samples base, Samples fresh) { return u_test(base, fresh) < 0.025; }

bool criterion(const Observed& seen) {
  // Welch's t and a normal interval instead of 100,000 resamples.
  const Summary base = summarize(seen.base), fresh = summarize(seen.fresh);
  const auto variance_of_mean = [](const Summary& s) { return s.stddev * s.stddev / static_cast<double>(s.count); };
  const double difference = fresh.mean - base.mean;
  const double se = std::sqrt(variance_of_mean(base) + variance_of_mean(fresh));
  const bool significant = std::fabs(difference) / se > 1.96;
  return significant && (difference - 1.96 * se) / base.mean > 0.01;
}

bool asv_compare(const Observed& seen) {
  return u_test(seen.base, seen.fresh) < 0.001 && median(seen.fresh) / median(seen.base) > 1.1;
}

/// A prediction limit for one new value, one-sided 99 %, of so many past ones.
bool bencher(const Observed& seen, std::size_t history) {
  const Summary past = summarize(Samples(seen.history).last(std::min(history, seen.history.size())));
  const double n = static_cast<double>(past.count);
  return summarize(seen.fresh).mean > past.mean + student_t_quantile(0.99, n - 1) * past.stddev * std::sqrt(1 + 1 / n);
}

bool conbench(const Observed& seen) {
  const Summary past = summarize(seen.history);
  return (summarize(seen.fresh).mean - past.mean) / past.stddev > 5;
}

bool gate(const Observed& seen, double share) {
  return summarize(seen.fresh).mean / summarize(seen.base).mean - 1 > share;
}

}  // namespace

double u_test(Samples base, Samples fresh) {
  struct Ranked {
    double value;
    bool is_fresh;
  };
  std::vector<Ranked> all;
  for (double x : base) all.push_back({x, false});
  for (double x : fresh) all.push_back({x, true});
  std::ranges::sort(all, {}, &Ranked::value);
  double ranks = 0, ties = 0;
  for (std::size_t i = 0; i < all.size();) {
    std::size_t end = i;
    while (end < all.size() && all[end].value == all[i].value) ++end;
    const double count = static_cast<double>(end - i);
    const double rank = static_cast<double>(i + end + 1) / 2;  // the middle of i + 1 .. end
    for (std::size_t j = i; j < end; ++j) ranks += all[j].is_fresh ? rank : 0;
    ties += count * count * count - count;
    i = end;
  }
  const double a = static_cast<double>(base.size()), b = static_cast<double>(fresh.size()), n = a + b;
  const double u = ranks - b * (b + 1) / 2;
  const double variance = a * b / 12 * (n + 1 - ties / (n * (n - 1)));
  if (variance <= 0) return 1;
  return 0.5 * std::erfc((u - a * b / 2 - 0.5) / std::sqrt(2 * variance));
}

std::span<const OtherRule> other_rules() {
  static const std::vector<OtherRule> rules{
      {"nvbench legacy", "nvbench_compare.py: beyond the smaller relative standard deviation", nvbench_legacy},
      {"nvbench robust", "nvbench_compare_robust.py: [min, q3] apart by 0.5 %", nvbench_robust},
      {"U-test 5 %, n 10", "benchstat, google/benchmark compare.py on 10 of the iterations",
       [](const Observed& seen) { return u_test_slower(Samples(seen.base).first(10), Samples(seen.fresh).first(10)); }},
      {"U-test 5 %, n 100", "the same on all",
       [](const Observed& seen) { return u_test_slower(seen.base, seen.fresh); }},
      {"criterion", "p < 5 %, and the interval beyond 1 %", criterion},
      {"asv compare", "U-test p < 0.2 %, and 1.1 times", asv_compare},
      {"Bencher, 64 nights", "t_test 99 %", [](const Observed& seen) { return bencher(seen, 64); }},
      {"Bencher, 5 nights", "the same of five", [](const Observed& seen) { return bencher(seen, 5); }},
      {"conbench, z 5", "five standard deviations of 100 nights", conbench},
      {"2 % gate", "one mean against another", [](const Observed& seen) { return gate(seen, 0.02); }},
      {"5 % rule", "SuperBench's examples", [](const Observed& seen) { return gate(seen, 0.05); }},
      {"7 % rule", "TorchBench", [](const Observed& seen) { return gate(seen, 0.07); }},
  };
  return rules;
}

}  // namespace kernelgate::error_rates

#include "harness/baseline/calibration.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>

#include <fmt/format.h>

#include "harness/baseline/baseline_noise.h"
#include "harness/judge/compare/compare.h"
#include "harness/judge/compare/decision.h"
#include "harness/judge/compare/run_location.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

/// Fewer where there are many cases: so many comparisons tell the rate as well as it can be told.
constexpr std::size_t most_shuffles = 200, fewest_shuffles = 20, shuffled_comparisons = 3000;

/// The side with these of its runs alone.
Side part_of(const Side& side, const std::vector<std::size_t>& chosen) {
  Side part = side;
  for (SideCase& one : part.cases) {
    std::vector<RunSummary> runs;
    for (std::size_t at : chosen)
      if (at < one.runs.size()) runs.push_back(one.runs[at]);
    one.runs = std::move(runs);
  }
  std::erase_if(part.cases, [](const SideCase& one) { return one.runs.empty(); });
  return part;
}

void count(SelfComparisons& into, const Side& side, const std::vector<std::size_t>& a,
           const std::vector<std::size_t>& b) {
  CompareOptions options;
  options.same_night = true;  // the runs of both took turns
  long long alarms = 0;
  for (const CaseVerdict& one : compare(part_of(side, a), part_of(side, b), options).cases) {
    ++into.compared;
    into.slower += one.verdict == Verdict::slower;
    into.faster += one.verdict == Verdict::faster;
    alarms += one.verdict == Verdict::slower || one.verdict == Verdict::faster;
  }
  ++into.suites;
  into.suites_with_alarm += alarms > 0;
}

SelfComparisons disjoint_pairs(const Side& side, std::size_t runs) {
  SelfComparisons counted;
  const std::size_t half = std::min<std::size_t>(calibration_runs_a_side, runs / 2);
  counted.runs_a_side = static_cast<int>(half);
  for (std::size_t from = 0; from + 2 * half <= runs; from += 2 * half) {
    std::vector<std::size_t> a, b;
    for (std::size_t i = 0; i < 2 * half; ++i) (i % 2 == 0 ? a : b).push_back(from + i);
    count(counted, side, a, b);
  }
  return counted;
}

SelfComparisons shuffled_halves(const Side& side, std::size_t runs, std::uint64_t seed) {
  SelfComparisons counted;
  const std::size_t half = std::min<std::size_t>(calibration_runs_a_side, runs / 2);
  counted.runs_a_side = static_cast<int>(half);
  std::mt19937_64 random(seed);
  std::vector<std::size_t> order(runs);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t shuffles = std::clamp(shuffled_comparisons / side.cases.size(), fewest_shuffles, most_shuffles);
  for (std::size_t i = 0; i < shuffles; ++i) {
    std::ranges::shuffle(order, random);
    const auto middle = order.begin() + static_cast<std::ptrdiff_t>(half);
    count(counted, side, {order.begin(), middle}, {middle, middle + static_cast<std::ptrdiff_t>(half)});
  }
  return counted;
}

CalibratedCase calibrated(const SideCase& one, const DeviceClass& device, StudentTable& table) {
  CalibratedCase result;
  result.name = one.name;
  const Spread spread_of_runs = spread(one.runs, device.noise);
  result.df = spread_of_runs.df;
  if (result.df > 0) result.run_sd = std::sqrt(spread_of_runs.squares / result.df);
  std::vector<double> values;
  for (const RunSummary& run : one.runs) values.push_back(run_value(run, device.noise));
  result.lag1 = lag1_autocorrelation(values);
  const std::size_t half = std::min<std::size_t>(calibration_runs_a_side, one.runs.size() / 2);
  CompareOptions options;
  options.same_night = true;
  const std::span<const RunSummary> runs(one.runs);
  result.detectable_ratio = decide(runs.first(half), runs.subspan(half, half), device, options, table).detectable_ratio;
  return result;
}

}  // namespace

Calibration calibrate(const Result& result, std::uint64_t seed) {
  if (!result.injection.empty())
    throw ResultError("not calibrated: measured with KERNELGATE_INJECT; unset it and measure again");
  if (result.status != "complete")
    throw ResultError(fmt::format("not calibrated: the run was {}; let one run to its end", result.status));
  Side side = side_of(result);
  std::erase_if(side.cases, [](const SideCase& one) { return one.status != CaseStatus::measured; });
  if (side.cases.empty()) throw ResultError("not calibrated: nothing was measured");
  std::size_t runs = side.cases.front().runs.size();
  for (const SideCase& one : side.cases) runs = std::min(runs, one.runs.size());
  if (runs < fewest_calibration_runs)
    throw ResultError(fmt::format("not calibrated: {} process runs, and {} are needed: --runs {}", runs,
                                  fewest_calibration_runs, 4 * calibration_runs_a_side));
  Calibration found;
  found.device = result.device;
  found.device_kind = result.device_kind;
  found.suite = result.suite;
  found.started_utc = result.started_utc;
  found.commit = result.build.is_object() ? result.build.value("commit", "unknown") : "unknown";
  found.runs = static_cast<int>(runs);
  StudentTable table;
  std::vector<double> spreads;
  for (const SideCase& one : side.cases) {
    found.cases.push_back(calibrated(one, device_class(result.device_kind), table));
    spreads.push_back(found.cases.back().run_sd);
  }
  found.run_sd = median(spreads);
  found.disjoint = disjoint_pairs(side, runs);
  found.shuffled = shuffled_halves(side, runs, seed);
  return found;
}

}  // namespace kernelgate

#include "harness/judge/fleet/fleet.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <stdexcept>

#include <fmt/format.h>

#include "harness/judge/compare/comparability.h"
#include "harness/judge/compare/decision.h"
#include "harness/statistics/distributions.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

/// What identifies one card among its model's.
constexpr const char* of_the_device = "gpu_uuid";

struct Device {
  double location = 0;  ///< log seconds
  double run_sd = 0;    ///< 0: of one run
};

Device device_of(const std::vector<RunSummary>& runs, Noise noise) {
  std::vector<double> values;
  for (const RunSummary& run : runs) values.push_back(run_value(run, noise));
  const double sd = values.size() > 1 ? summarize(values).stddev : 0;
  return {location(runs, noise), sd};
}

/// From the top: the r-th largest of n covers `coverage` with `confidence`; 0: none does.
std::size_t covering_rank(std::size_t n, double coverage, double confidence) {
  std::size_t rank = 0;
  while (rank < n && binomial_upper_tail(static_cast<double>(rank), static_cast<double>(n), 1 - coverage) >= confidence)
    ++rank;
  return rank;
}

std::string against(double effect) {
  return fmt::format("{:+.1f} % against the fleet's median", 100 * std::expm1(effect));
}

/// They can't show that a device is as good as its model; that one is far off they can.
void judge_by_few(CaseVerdict& verdict, const std::vector<double>& places, const Device& now, double middle,
                  const std::string& rank) {
  verdict.verdict = Verdict::inconclusive;
  verdict.reason = fmt::format("{}; {} devices are no fleet, {} are needed", rank, places.size(), fewest_devices);
  if (places.size() < fewest_for_outliers) return;
  const Summary seen = summarize(places);
  const double sd = std::max(seen.stddev, least_device_sd);
  const double limit = seen.mean + tolerance_factor(places.size(), fleet_coverage, fleet_confidence) * sd;
  if (now.location <= limit) return;
  verdict.verdict = Verdict::slower;
  verdict.attribution = "device";
  verdict.reason = fmt::format("{}; of {} devices the limit is {:+.1f} %, so far off is none of this model", rank,
                               places.size(), 100 * std::expm1(limit - middle));
}

void judge(CaseVerdict& verdict, const std::vector<Device>& fleet, const Device& now) {
  std::vector<double> places, spreads;
  for (const Device& one : fleet) {
    places.push_back(one.location);
    if (one.run_sd > 0) spreads.push_back(one.run_sd);
  }
  const double middle = median(places), effect = now.location - middle;
  verdict.base_s = std::exp(middle);
  verdict.new_s = std::exp(now.location);
  verdict.machine = verdict.with_suite = false;
  verdict.ratio = std::exp(effect);
  verdict.unit = "device";
  const auto faster = std::ranges::count_if(places, [&](double place) { return place < now.location; });
  const std::string rank =
      fmt::format("rank {} of {} (1: the fastest), {}", faster + 1, places.size() + 1, against(effect));
  if (places.size() < fewest_devices) return judge_by_few(verdict, places, now, middle, rank);
  const double limit = tolerance_limit(places);
  verdict.detectable_ratio = std::exp(limit - middle);
  const std::string limit_text = fmt::format("the limit is {:+.1f} %", 100 * std::expm1(limit - middle));
  if (now.location > limit) {
    verdict.verdict = Verdict::slower;
    verdict.reason = fmt::format("{}; {}", rank, limit_text);
    verdict.attribution = "device";
  } else if (now.run_sd > 0 && spreads.size() >= fewest_devices && now.run_sd > std::exp([&] {
                                                                     std::vector<double> logs;
                                                                     for (double sd : spreads)
                                                                       logs.push_back(std::log(sd));
                                                                     return tolerance_limit(logs);
                                                                   }())) {
    verdict.verdict = Verdict::slower;
    verdict.reason = fmt::format("{}, but its runs vary by {:.2f} %, more than the fleet's do (median {:.2f} %)", rank,
                                 100 * now.run_sd, 100 * median(spreads));
    verdict.attribution = "device";
  } else {
    verdict.verdict = Verdict::same;
    verdict.reason = fmt::format("{}; {}", rank, limit_text);
  }
}

}  // namespace

double tolerance_factor(std::size_t n, double coverage, double confidence) {
  if (n < 2) throw std::invalid_argument("a tolerance limit needs two values or more");
  const double count = static_cast<double>(n);
  const double z = normal_quantile(coverage);
  return non_central_t_quantile(confidence, count - 1, z * std::sqrt(count)) / std::sqrt(count);
}

double tolerance_limit(std::span<const double> fleet, double coverage, double confidence) {
  if (fleet.size() >= fewest_for_ranks)
    if (const std::size_t rank = covering_rank(fleet.size(), coverage, confidence); rank > 0) {
      std::vector<double> sorted(fleet.begin(), fleet.end());
      std::ranges::sort(sorted, std::greater<>());
      return sorted[rank - 1];
    }
  const Summary all = summarize(fleet);
  return all.mean + tolerance_factor(fleet.size(), coverage, confidence) * all.stddev;
}

Comparison compare_with_fleet(std::span<const Side> fleet, const Side& fresh, const CompareOptions& options) {
  if (fleet.empty()) throw HarnessError(ExitCode::usage, "there is no fleet: no result of another device");
  CompareOptions plain = options;
  // Another card has another UUID, and that is the point; the rest must be the same.
  for (const Side& one : fleet)
    if (one.fingerprint.is_object() &&
        one.fingerprint.value("identity", nlohmann::json::object()).contains(of_the_device))
      if (std::ranges::find(plain.vary, of_the_device) == plain.vary.end()) plain.vary.push_back(of_the_device);

  // The union of the fleet's cases stands as the base: what is missing or of another environment is said by compare.
  Side base = fleet.front();
  base.description = fmt::format("a fleet of {} devices of {}", fleet.size(), fleet.front().device);
  std::vector<const Side*> comparable;
  std::map<std::string, std::vector<Device>> devices;
  const Noise noise = device_class(fresh.device_kind).noise;
  for (const Side& one : fleet) {
    if (!comparability(one, fresh, plain.vary).undeclared.empty()) continue;
    comparable.push_back(&one);
    for (const SideCase& known : one.cases) {
      if (known.status != CaseStatus::measured) continue;
      if (!devices.contains(known.name) &&
          std::ranges::find(base.cases, known.name, &SideCase::name) == base.cases.end())
        base.cases.push_back(known);
      devices[known.name].push_back(device_of(known.runs, noise));
    }
  }
  if (!comparable.empty()) base.fingerprint = comparable.front()->fingerprint;
  Comparison comparison = compare(base, fresh, plain);
  if (comparable.size() < fleet.size())
    comparison.base_description +=
        fmt::format(", {} of them of another environment and left out", fleet.size() - comparable.size());
  comparison.known_equal = {};
  comparison.suite_shift.clear();  // against one card, that was
  if (std::ranges::find(options.vary, of_the_device) == options.vary.end())
    std::erase_if(comparison.declared,
                  [](const std::string& text) { return text.starts_with(std::string(of_the_device) + ":"); });
  for (CaseVerdict& verdict : comparison.cases) {
    if (verdict.unit.empty()) continue;  // not decided, and that stands
    const auto now = std::ranges::find(fresh.cases, verdict.name, &SideCase::name);
    verdict.ratio_low = verdict.ratio_high = verdict.detectable_ratio = std::nullopt;
    verdict.possibly = false;
    judge(verdict, devices.at(verdict.name), device_of(now->runs, noise));
  }
  return comparison;
}

}  // namespace kernelgate

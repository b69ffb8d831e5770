#include "harness/judge/confirm/night_verdicts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include <fmt/format.h>

#include "harness/judge/compare/comparability.h"
#include "harness/judge/compare/decision.h"
#include "harness/judge/compare/suite_shift.h"
#include "harness/judge/confirm/two_stage.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

constexpr double not_measured = std::numeric_limits<double>::quiet_NaN();

/// The night means of a case: of its runs' values.
std::map<std::string, double> night_means(const std::vector<RunSummary>& runs, Noise noise) {
  std::map<std::string, std::pair<double, int>> sums;
  for (const RunSummary& run : runs) {
    auto& [sum, count] = sums[run.night];
    sum += run_value(run, noise);
    ++count;
  }
  std::map<std::string, double> means;
  for (const auto& [night, sum] : sums) means[night] = sum.first / sum.second;
  return means;
}

/// Of the difference of two runs of one night: what a block will vary by. 0: not known.
double block_sd_of(const std::vector<RunSummary>& runs, Noise noise) {
  const auto means = night_means(runs, noise);
  double squares = 0;
  for (const RunSummary& run : runs) squares += std::pow(run_value(run, noise) - means.at(run.night), 2);
  const double df = static_cast<double>(runs.size() - means.size());
  return df > 0 ? std::sqrt(2 * squares / df) : 0;
}

/// The cases of the new side that can be judged, and what the base knows of them.
struct Judged {
  std::vector<std::size_t> at;  ///< in fresh.cases
  std::vector<const SideCase*> base;
  std::vector<ScreenInput> inputs;
  std::vector<double> thresholds;
};

Judged judged_cases(const Side& base, const Side& fresh, Noise noise, const CompareOptions& options) {
  std::map<std::string, const SideCase*> known;
  std::set<std::string> nights;
  for (const SideCase& one : base.cases) {
    if (one.status != CaseStatus::measured) continue;
    known.emplace(one.name, &one);
    for (const RunSummary& run : one.runs) nights.insert(run.night);
  }
  Judged judged;
  for (std::size_t i = 0; i < fresh.cases.size(); ++i) {
    const SideCase& now = fresh.cases[i];
    if (now.status != CaseStatus::measured) continue;
    const auto found = known.find(now.name);
    const SideCase* before = found == known.end() ? nullptr : found->second;
    if (before && (before->flop != now.flop || before->bytes != now.bytes)) before = nullptr;
    ScreenInput input;
    const auto means = before ? night_means(before->runs, noise) : std::map<std::string, double>();
    for (const std::string& night : nights) {
      const auto mean = means.find(night);
      const bool usable = means.size() >= fewest_nights && mean != means.end();
      input.nights.push_back(usable ? mean->second : not_measured);
    }
    double quantum = 0;
    for (const RunSummary& run : now.runs) {
      input.tonight += run_value(run, noise) / static_cast<double>(now.runs.size());
      quantum = std::max(quantum, run.quantum_s / run.median_s);
    }
    judged.at.push_back(i);
    judged.base.push_back(before);
    judged.inputs.push_back(std::move(input));
    judged.thresholds.push_back(std::log1p(std::max(options.threshold, 2 * quantum)));
  }
  return judged;
}

void set_interval(CaseVerdict& verdict, double effect, double low, double high) {
  verdict.ratio = std::exp(effect);
  if (verdict.new_s) verdict.base_s = *verdict.new_s / *verdict.ratio;  // tonight, and not on the baseline's nights
  verdict.ratio_low = std::exp(low);
  verdict.ratio_high = std::exp(high);
}

void settle(CaseVerdict& verdict, const Confirmed& blocks) {
  verdict.verdict = blocks.verdict;
  verdict.reason = blocks.reason;
  verdict.unit = "block";
  verdict.base_runs = verdict.new_runs = blocks.blocks;
  if (blocks.blocks > 0) set_interval(verdict, blocks.effect, blocks.low, blocks.high);
  verdict.attribution = blocks.clocks ? "clocks" : "";
  verdict.machine = verdict.with_suite = false;  // both halves of a block share the machine
  if (blocks.verdict == Verdict::slower || blocks.verdict == Verdict::faster)
    verdict.attribution = verdict.attribution.empty() ? "code" : verdict.attribution;
}

/// Of a case that the screen let pass.
void settle(CaseVerdict& verdict, const Screened& seen, double margin, StudentTable& table) {
  const double half = table(0.5 + interval_confidence / 2, seen.df) * seen.se;
  set_interval(verdict, seen.beyond, seen.beyond - half, seen.beyond + half);
  verdict.unit = "night";
  verdict.machine = verdict.with_suite = false;
  const std::string text =
      fmt::format("{:+.2f} % of its nights, between {:+.2f} and {:+.2f} %", 100 * std::expm1(seen.beyond),
                  100 * std::expm1(seen.beyond - half), 100 * std::expm1(seen.beyond + half));
  const bool equal = std::fabs(seen.beyond) + table(equivalence_confidence, seen.df) * seen.se < margin;
  verdict.verdict = equal ? Verdict::same : Verdict::inconclusive;
  verdict.reason = equal ? fmt::format("{}: within {:.1f} %", text, 100 * std::expm1(margin))
                         : text + ": nothing that the nights don't do by themselves";
}

}  // namespace

ConfirmOptions confirm_options(const std::string& device_kind) {
  ConfirmOptions options;
  const DeviceClass& device = device_class(device_kind);
  options.equivalence = std::log1p(device.equivalence);
  if (device.noise == Noise::one_sided) {
    options.target = std::log1p(0.05);  // of a shared machine's runs, one in four is a neighbour's
    options.trim = 0.2;
  }
  return options;
}

Comparison compare_with_blocks(const Side& base, const Side& fresh, BlockSource& source, const CompareOptions& options,
                               std::uint64_t seed) {
  const bool usable = comparability(base, fresh, options.vary).undeclared.empty();
  Side here = usable ? base : fresh;  // the same machine, with what the base knows of it
  here.fingerprint = fresh.fingerprint;
  if (!usable) {
    here.description = base.description + " (of another environment, and left aside)";
    here.cases.clear();
    here.controls.clear();
  }
  CompareOptions plain = options;
  plain.vary.clear();
  Comparison comparison = compare(here, fresh, plain);

  const DeviceClass& device = device_class(fresh.device_kind);
  const Judged judged = judged_cases(here, fresh, device.noise, options);
  TwoStageOptions stages;
  stages.confirm = confirm_options(fresh.device_kind);
  stages.thresholds = judged.thresholds;
  stages.seed = seed;
  class Mapped : public BlockSource {
   public:
    Mapped(BlockSource& source, const std::vector<std::size_t>& at) : source_(source), at_(at) {}
    std::vector<std::vector<Block>> take(std::span<const std::size_t> cases, int blocks) override {
      std::vector<std::size_t> mapped;
      for (std::size_t k : cases) mapped.push_back(at_.at(k));
      return source_.take(mapped, blocks);
    }

   private:
    BlockSource& source_;
    const std::vector<std::size_t>& at_;
  } mapped(source, judged.at);
  const TwoStageReport report = judge_night(judged.inputs, mapped, stages);

  StudentTable table;
  std::map<std::string, CaseVerdict*> verdicts;
  for (CaseVerdict& one : comparison.cases) verdicts[one.name] = &one;
  const double rivals = std::max(1.0, static_cast<double>(report.confirmed.size()) / 2);
  for (std::size_t k = 0; k < judged.at.size(); ++k) {
    CaseVerdict& verdict = *verdicts.at(fresh.cases[judged.at[k]].name);
    const Screened& seen = report.screened.cases[k];
    verdict.possibly = false;
    verdict.detectable_ratio.reset();
    if (judged.base[k] == nullptr || seen.df == 0) continue;
    settle(verdict, seen, std::max(judged.thresholds[k], stages.confirm.equivalence), table);
    if (const double sd = block_sd_of(judged.base[k]->runs, device.noise); sd > 0)
      verdict.detectable_ratio =
          std::exp(detectable_change(seen.se, seen.df, sd, judged.thresholds[k], rivals, stages));
  }
  for (const Confirmed& one : report.confirmed) {
    const SideCase& now = fresh.cases[judged.at[one.index]];
    settle(*verdicts.at(now.name), one);
    if (now.injected && one.verdict == Verdict::slower) verdicts.at(now.name)->attribution = "injected";
  }
  comparison.known_equal = known_equal(comparison.cases);
  comparison.suite_shift = suite_shift(comparison.cases);
  if (report.shifted && comparison.environment_shift.empty())
    comparison.environment_shift = fmt::format(
        "the night as a whole was {:+.1f} % against the baseline's nights; {} cases were measured in blocks",
        100 * std::expm1(report.screened.common), report.confirmed.size());
  return comparison;
}

}  // namespace kernelgate

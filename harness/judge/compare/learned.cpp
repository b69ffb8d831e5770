#include "harness/judge/compare/learned.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "harness/base/quantity.h"
#include "harness/judge/compare/common_mode.h"
#include "harness/judge/compare/decision.h"
#include "harness/judge/compare/suite_shift.h"
#include "harness/statistics/distributions.h"
#include "harness/statistics/multiplicity.h"
#include "harness/statistics/squeezed_variances.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

/// A common mode of which this is the chance on an unchanged machine is one that moved; each way.
constexpr double common_alpha = 0.0025;

struct OpenCase {
  std::size_t at = 0;  ///< in the verdicts
  const LearnedCase* learned = nullptr;
  std::vector<RunSummary> runs;     ///< new processes, without what the suite's cases share in each
  std::vector<double> values = {};  ///< their log seconds
  double effect = 0, change = 0;    ///< beside the suite; and in all
  double se = 0, df = 0;
  double farthest = 0;  ///< of as many earlier nights in a row
  double latest = 0;    ///< of as many last nights: how far they are off their level
};

/// What the cases of each night share; zeros where they are too few to show it.
std::vector<double> common_by_night(const LearnedSuite& learned) {
  std::vector<double> common;
  const std::size_t nights = learned.cases.empty() ? 0 : learned.cases.begin()->second.residuals.size();
  for (std::size_t t = 0; t < nights; ++t) {
    std::vector<double> known;
    for (const auto& [name, one] : learned.cases)
      if (std::isfinite(one.residuals[t])) known.push_back(one.residuals[t]);
    common.push_back(known.size() >= fewest_for_scatter ? median(known) : 0);
  }
  return common;
}

/// The variance of medians of so many successive known values; of single ones where they would be too few.
SampleVariance variance_of_blocks(const std::vector<double>& values, std::size_t length) {
  constexpr std::size_t fewest_blocks = 6;
  std::vector<double> known;
  for (double value : values)
    if (std::isfinite(value)) known.push_back(value);
  if (known.size() < fewest_blocks * length) length = 1;
  double sum = 0, squares = 0, count = 0;
  for (std::size_t first = 0; first + length <= known.size(); first += length, ++count) {
    const double middle = median(std::span(known).subspan(first, length));
    sum += middle;
    squares += middle * middle;
  }
  if (count < 2) return {};
  return {std::max(0.0, (squares - sum * sum / count) / (count - 1)), count - 1};
}

/// The median of the last so many nights that measured it.
double latest_block(const std::vector<double>& values, std::size_t length) {
  std::vector<double> last;
  for (std::size_t t = values.size(); t-- > 0 && last.size() < length;)
    if (std::isfinite(values[t])) last.push_back(values[t]);
  return last.empty() ? 0 : median(last);
}

/// How far the medians of so many nights in a row, any of them, were off their level.
double farthest_block(const std::vector<double>& values, std::size_t length) {
  std::vector<double> known;
  for (double value : values)
    if (std::isfinite(value)) known.push_back(value);
  double farthest = 0;
  for (std::size_t first = 0; first + length <= known.size(); ++first)
    farthest = std::max(farthest, std::fabs(median(std::span(known).subspan(first, length))));
  return farthest;
}

/// All new processes show half of what their median does.
bool all_show(const OpenCase& one) {
  const double level = median(one.learned->level), common = one.change - one.effect;
  return std::ranges::all_of(one.values, [&](double value) {
    const double part = value - level - common;
    return part * one.effect > 0 && std::fabs(part) >= corroborated_share * std::fabs(one.effect);
  });
}

class LearnedJudge {
 public:
  LearnedJudge(const LearnedSuite& learned, const Side& fresh, const CompareOptions& options)
      : learned_(learned), options_(options), device_(class_of(fresh, options)) {
    for (const SideCase& now : fresh.cases) add(now);
    std::vector<std::vector<RunSummary>*> runs;
    for (OpenCase& one : judged_) runs.push_back(&one.runs);
    take_off_common(runs);
    for (OpenCase& one : judged_) {
      for (const RunSummary& run : one.runs) one.values.push_back(std::log(run.median_s));
      one.change = one.effect = median(one.values) - median(one.learned->level);
    }
    if (options.subset) return;
    for (const auto& [name, one] : learned.cases)
      if (std::ranges::find(fresh.cases, name, &SideCase::name) == fresh.cases.end() && still_measured(one)) {
        CaseVerdict verdict;
        verdict.name = verdict.op = name;
        verdict.base_s = std::exp(median(one.level));
        verdict.verdict = Verdict::not_comparable;
        verdict.reason = "missing in the new result";
        comparison_.cases.push_back(std::move(verdict));
      }
  }

  Comparison judged() {
    measure_spreads();
    decide_all();
    return std::move(comparison_);
  }

 private:
  /// Cases come and go; what the last nights had not is no loss.
  bool still_measured(const LearnedCase& one) const {
    const std::size_t n = one.residuals.size(), last = std::min<std::size_t>(n, 3);
    return std::any_of(one.residuals.end() - static_cast<std::ptrdiff_t>(last), one.residuals.end(),
                       [](double r) { return std::isfinite(r); });
  }

  void add(const SideCase& now) {
    CaseVerdict verdict;
    verdict.name = now.name;
    verdict.op = now.op;
    verdict.problem = now.problem;
    verdict.implementation = now.implementation;
    verdict.state = now.state;
    verdict.label = now.label;
    verdict.new_runs = static_cast<int>(now.runs.size());
    if (!now.runs.empty()) verdict.new_s = median_s(now.runs);
    const auto found = learned_.cases.find(now.name);
    const auto conclude = [&](Verdict what, std::string reason) {
      verdict.verdict = what;
      verdict.reason = std::move(reason);
    };
    if (now.status == CaseStatus::skipped) {
      conclude(Verdict::skipped, now.reason);
    } else if (now.status != CaseStatus::measured) {
      verdict.wrong = now.status == CaseStatus::wrong;
      conclude(Verdict::invalid, fmt::format("{}: {}", to_string(now.status), now.reason));
    } else if (found == learned_.cases.end()) {
      conclude(Verdict::no_baseline, "the history has no such case in this environment");
    } else {
      verdict.base_runs = static_cast<int>(found->second.level.size());
      verdict.base_s = std::exp(median(found->second.level));
      judged_.push_back({comparison_.cases.size(), &found->second, now.runs});
    }
    comparison_.cases.push_back(std::move(verdict));
  }

  void measure_spreads() {
    if (judged_.empty()) return;
    const std::vector<double> common = common_by_night(learned_);
    std::size_t processes = 1;
    std::vector<double> changes;
    for (const OpenCase& one : judged_) {
      processes = std::max(processes, one.values.size());
      changes.push_back(one.change);
    }
    if (judged_.size() >= fewest_for_scatter) common_ = median(changes);
    const SampleVariance usual = variance_of_blocks(common, processes);
    common_sd_ = std::sqrt(usual.variance);
    common_moved_ = common_ != 0 && usual.df > 0 && std::fabs(common_) > std::log1p(options_.threshold) &&
                    student_t_upper_tail(std::fabs(common_) / std::max(common_sd_, 1e-9), usual.df) < common_alpha;
    std::vector<SampleVariance> own;
    std::vector<std::pair<double, double>> blocks;
    for (const OpenCase& one : judged_) {
      std::vector<double> residuals = one.learned->residuals;
      for (std::size_t t = 0; t < residuals.size(); ++t) residuals[t] -= common[t];
      own.push_back(variance_of_blocks(residuals, one.values.size()));
      blocks.emplace_back(farthest_block(residuals, one.values.size()), latest_block(residuals, one.values.size()));
    }
    const std::vector<SampleVariance> squeezed = squeezed_variances(own);
    for (std::size_t i = 0; i < judged_.size(); ++i) {
      OpenCase& one = judged_[i];
      one.effect = one.change - common_;
      std::tie(one.farthest, one.latest) = blocks[i];
      const double more = static_cast<double>(one.values.size()) / static_cast<double>(one.learned->level.size());
      one.df = squeezed[i].df;
      one.se = std::sqrt(squeezed[i].variance * (1 + more));
      if (const std::size_t nights = known_nights(*one.learned); nights < fewest_learning_nights) {
        const double declared = std::hypot(device_.run_sd, device_.night_sd);
        one.se = std::max(one.se, declared * std::sqrt(1 + more));
      }
    }
    std::vector<double> effects;
    for (const OpenCase& one : judged_) effects.push_back(one.effect);
    scatter_ = scatter_of(effects);
  }

  static std::size_t known_nights(const LearnedCase& one) {
    return static_cast<std::size_t>(std::ranges::count_if(one.residuals, [](double r) { return std::isfinite(r); }));
  }

  void decide_all() {
    StudentTable table;
    const double alpha = 1 - options_.confidence;
    const double strictest = alpha / std::max<double>(1, static_cast<double>(judged_.size()));
    const double threshold = std::log1p(options_.threshold);
    std::vector<double> p_slower, p_faster;
    for (OpenCase& one : judged_) {
      if (scatter_.df > 0 && scatter_.sd > scatter_.by_chance * one.se) one.se = scatter_.sd, one.df = scatter_.df;
      const auto tail = [&](double beyond) {
        if (one.df <= 0) return 1.0;
        return one.se > 0 ? student_t_upper_tail(beyond / one.se, one.df) : beyond > 0 ? 0.0 : 1.0;
      };
      p_slower.push_back(tail(one.effect - threshold));
      p_faster.push_back(tail(-one.effect - threshold));
    }
    const std::vector<bool> slower = holm(p_slower, alpha), faster = holm(p_faster, alpha);
    for (std::size_t i = 0; i < judged_.size(); ++i) settle(judged_[i], slower[i], faster[i], strictest, table);
    say_what_moved();
  }

  void settle(const OpenCase& one, bool slower, bool faster, double strictest, StudentTable& table) {
    CaseVerdict& verdict = comparison_.cases[one.at];
    const double threshold = std::log1p(options_.threshold);
    verdict.unit = "night";
    verdict.ratio = std::exp(one.change);
    verdict.beside_suite = common_ != 0;
    if (one.df <= 0) {
      verdict.reason = "too few earlier nights to know how it varies; add nights";
      return;
    }
    const double half = table(0.5 + interval_confidence / 2, one.df) * one.se;
    verdict.ratio_low = std::exp(one.change - half);
    verdict.ratio_high = std::exp(one.change + half);
    verdict.detectable_ratio =
        std::exp(threshold + (table(1 - strictest, one.df) + table(detectable_power, one.df)) * one.se);
    if (is_single(one)) verdict.detectable_ratio.reset();
    const std::string seen =
        fmt::format("{}, between {} and {}{}", show_log_change(one.effect), show_log_change(one.effect - half),
                    show_log_change(one.effect + half), common_ != 0 ? " beside the rest of the suite" : "");
    const double margin = std::max(threshold, std::log1p(device_.equivalence));
    verdict.reason = seen;
    if (slower || faster) {
      if (is_single(one)) {
        verdict.verdict = Verdict::possible;
        verdict.reason +=
            "; one process does not tell the runner from the code: measure three, 'kernelgate compare "
            "--history FOLDER new1,new2,new3'";
      } else if (common_moved_ &&
                 (one.change * one.effect <= 0 || std::fabs(one.change) < corroborated_share * std::fabs(one.effect))) {
        verdict.verdict = Verdict::possible;
        verdict.reason += fmt::format(
            "; but in all it took {}: the rest of the suite moved, by the machine or by the "
            "build; look at that first",
            show_log_change(one.change));
      } else if (const double news = one.effect - one.latest;
                 news * one.effect <= 0 || std::fabs(news) < corroborated_share * std::fabs(one.effect)) {
        verdict.verdict = Verdict::possible;
        verdict.reason += "; but the last nights were so already: 'kernelgate history' says since when";
      } else if (std::fabs(one.effect) <= one.farthest) {
        verdict.verdict = Verdict::possible;
        verdict.reason += fmt::format(
            "; but earlier nights were as far off their level, by up to {:.1f} %: measure more "
            "processes",
            100 * std::expm1(one.farthest));
      } else if (!all_show(one)) {
        verdict.verdict = Verdict::possible;
        verdict.reason += "; but not all of its processes show it: measure more of them";
      } else {
        verdict.verdict = slower ? Verdict::slower : Verdict::faster;
      }
    } else if (std::fabs(common_) + std::fabs(one.effect) + table(equivalence_confidence, one.df) * one.se < margin) {
      verdict.verdict = Verdict::same;
      verdict.reason = fmt::format("within {:.1f} %", 100 * std::expm1(margin));
    } else if (common_moved_ && !device_.shared && !is_single(one) && all_show_in_all(one)) {
      verdict.verdict = common_ > 0 ? Verdict::slower : Verdict::faster;
      verdict.with_suite = true;
    } else {
      verdict.reason += fmt::format("; more processes of the new side would decide, or nights in the history (now {})",
                                    known_nights(*one.learned));
    }
  }

  /// One process of a shared machine, or one value, proves nothing.
  bool is_single(const OpenCase& one) const {
    return one.values.size() < 2 && (device_.shared || one.runs.front().samples < min_samples_per_run);
  }

  /// It moved as the suite did, in every process.
  bool all_show_in_all(const OpenCase& one) const {
    OpenCase whole = one;
    whole.effect = one.change;
    return one.change * common_ > 0 && std::fabs(one.change) >= corroborated_share * std::fabs(common_) &&
           all_show(whole);
  }

  void say_what_moved() {
    if (!common_moved_ || std::fabs(common_) < std::log1p(together_least)) return;
    const std::string seen = fmt::format(
        "the whole suite moved by {} in the middle, and from night to night by {:.1f} %; that is one finding, of the "
        "machine or of the build as a whole; each case is judged beside it",
        show_log_change(common_), 100 * common_sd_);
    (device_.shared ? comparison_.environment_shift : comparison_.suite_shift) = seen;
  }

  const LearnedSuite& learned_;
  const CompareOptions& options_;
  DeviceClass device_;
  Comparison comparison_;
  std::vector<OpenCase> judged_;
  Scatter scatter_;
  double common_ = 0, common_sd_ = 0;
  bool common_moved_ = false;
};

}  // namespace

Comparison compare_with_learned(const LearnedSuite& learned, const Side& fresh, const CompareOptions& options) {
  check_options(options);
  Comparison comparison = LearnedJudge(learned, fresh, options).judged();
  comparison.base_description = learned.description;
  comparison.declared = learned.declared;
  comparison.new_description = fresh.description;
  comparison.known_equal = known_equal(comparison.cases);
  return comparison;
}

}  // namespace kernelgate

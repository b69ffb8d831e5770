#include "harness/judge/compare/learned.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "harness/base/quantity.h"
#include "harness/judge/compare/block_noise.h"
#include "harness/judge/compare/common_mode.h"
#include "harness/judge/compare/decision.h"
#include "harness/judge/compare/suite_move.h"
#include "harness/judge/compare/suite_shift.h"
#include "harness/statistics/distributions.h"
#include "harness/statistics/multiplicity.h"
#include "harness/statistics/squeezed_variances.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

struct OpenCase {
  std::size_t at = 0;  ///< in the verdicts
  const LearnedCase* learned = nullptr;
  std::vector<RunSummary> runs;     ///< new processes, without what the suite's cases share in each
  std::vector<double> values = {};  ///< their log seconds
  double effect = 0, change = 0;    ///< beside the suite; and in all
  double se = 0, df = 0;
  BlockNoise nights = {};  ///< of as many earlier nights in a row
};

/// All new processes show half of what their median does.
bool all_show(const OpenCase& one) {
  const double level = median(one.learned->level), common = one.change - one.effect;
  return std::ranges::all_of(one.values, [&](double value) { return shows(value - level - common, one.effect); });
}

class LearnedJudge {
 public:
  LearnedJudge(const LearnedSuite& learned, const Side& fresh, const CompareOptions& options)
      : learned_(learned), options_(options), device_(class_of(fresh, options)) {
    for (const SideCase& now : fresh.cases) add(now);
    std::vector<std::vector<RunSummary>*> runs;
    for (OpenCase& one : judged_) runs.push_back(&one.runs);
    moves_ = moves_by_process();
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
    CaseVerdict verdict = undecided(now);
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
    const std::vector<double> common = common_of_nights(learned_);
    if (judged_.size() >= fewest_for_scatter) {
      std::vector<double> changes;
      for (const OpenCase& one : judged_) changes.push_back(one.change);
      common_ = suite_move(median(changes), moves_, common, device_, options_);
    }
    std::vector<SampleVariance> own;
    for (OpenCase& one : judged_) {
      std::vector<double> residuals = one.learned->residuals;
      for (std::size_t t = 0; t < residuals.size(); ++t)
        if (std::isfinite(common[t])) residuals[t] -= common[t];
      one.nights = noise_of_blocks(residuals, one.values.size());
      own.push_back(one.nights.variance);
    }
    const std::vector<SampleVariance> squeezed = squeezed_variances(own);
    for (std::size_t i = 0; i < judged_.size(); ++i) {
      OpenCase& one = judged_[i];
      one.effect = one.change - common_.change;
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

  /// What the suite's middle case moved by in each new process, where all have as many.
  std::vector<double> moves_by_process() const {
    std::vector<double> moves;
    for (std::size_t i = 0; judged_.size() >= fewest_for_scatter && i < judged_.front().runs.size(); ++i) {
      std::vector<double> known;
      for (const OpenCase& one : judged_)
        if (one.runs.size() == judged_.front().runs.size())
          known.push_back(std::log(one.runs[i].median_s) - median(one.learned->level));
      moves.push_back(median(known));
    }
    return moves;
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
    verdict.beside_suite = common_.change != 0;
    if (one.df <= 0) {
      verdict.reason = "too few earlier nights to know how it varies; add nights";
      return;
    }
    const double half = table(0.5 + interval_confidence / 2, one.df) * one.se;
    verdict.ratio_low = std::exp(one.change - half);
    verdict.ratio_high = std::exp(one.change + half);
    const double called = std::max(threshold + table(1 - strictest, one.df) * one.se,
                                   options_.caution.farther * one.nights.medians.towards(+1));
    verdict.detectable_ratio = std::exp(called + table(detectable_power, one.df) * one.se);
    if (is_single(one)) verdict.detectable_ratio.reset();
    const std::string seen =
        fmt::format("{}, between {} and {}{}", show_log_change(one.effect), show_log_change(one.effect - half),
                    show_log_change(one.effect + half), common_.change != 0 ? " beside the rest of the suite" : "");
    const double margin = std::max(threshold, std::log1p(device_.equivalence));
    verdict.reason = seen;
    if (slower || faster) {
      const std::string unproven = why_unproven(one);
      verdict.verdict = !unproven.empty() ? Verdict::possible : slower ? Verdict::slower : Verdict::faster;
      verdict.reason += unproven;
    } else if (std::fabs(common_.change) + std::fabs(one.effect) + table(equivalence_confidence, one.df) * one.se <
               margin) {
      verdict.verdict = Verdict::same;
      verdict.reason = fmt::format("within {:.1f} %", 100 * std::expm1(margin));
      return;
    } else {
      verdict.reason += fmt::format("; more processes of the new side would decide, or nights in the history (now {})",
                                    known_nights(*one.learned));
    }
    if (verdict.verdict != Verdict::slower && verdict.verdict != Verdict::faster && moved_with_suite(one)) {
      verdict.verdict = common_.change > 0 ? Verdict::slower : Verdict::faster;
      verdict.with_suite = true;
      verdict.reason = fmt::format("{} in all, with the whole suite; {}", show_log_change(one.change), seen);
    }
  }

  /// Of a change that is beyond chance, why it may be none of the code; empty: nothing is left to doubt.
  std::string why_unproven(const OpenCase& one) const {
    if (is_single(one))
      return "; one process does not tell the runner from the code: measure three, 'kernelgate compare --history "
             "FOLDER new1,new2,new3'";
    if (common_.moved && !shows(one.change, one.effect))
      return fmt::format(
          "; but in all it took {}: the rest of the suite moved, by the machine or by the build; look at that first",
          show_log_change(one.change));
    if (!shows(one.effect - one.nights.latest, one.effect))
      return "; but the last nights were so already: 'kernelgate history' says since when";
    if (const double far = one.nights.medians.towards(one.effect);
        std::fabs(one.effect) <= options_.caution.farther * far)
      return fmt::format(
          "; but earlier nights were off their level by up to {:.1f} % the same way: measure more processes",
          100 * std::expm1(far));
    if (!all_show(one)) return "; but not all of its processes show it: measure more of them";
    return {};
  }

  /// One process of a shared machine, or one value, proves nothing.
  bool is_single(const OpenCase& one) const {
    return one.values.size() < 2 && (device_.shared || one.runs.front().samples < min_samples_per_run);
  }

  /// As a suite that moved by what no earlier night did, in every process.
  bool moved_with_suite(const OpenCase& one) const {
    if (!common_.beyond || is_single(one)) return false;
    OpenCase whole = one;
    whole.effect = one.change;
    return shows(one.change, common_.change) && all_show(whole);
  }

  void say_what_moved() {
    if (!common_.moved || (!common_.beyond && std::fabs(common_.change) < std::log1p(together_least))) return;
    const std::string seen =
        fmt::format("the whole suite moved by {} in the middle, and from night to night by {:.1f} %",
                    show_log_change(common_.change), 100 * common_.sd);
    if (common_.beyond)
      comparison_.suite_shift = seen +
                                "; no earlier night was so far off: that is one finding, of the build as a whole or of "
                                "a machine that the history does not know";
    else
      comparison_.environment_shift =
          seen +
          "; earlier nights were as far off, or not all processes show it: the machine; each case is judged "
          "beside it";
  }

  const LearnedSuite& learned_;
  const CompareOptions& options_;
  DeviceClass device_;
  Comparison comparison_;
  std::vector<OpenCase> judged_;
  Scatter scatter_;
  std::vector<double> moves_;
  SuiteMove common_;
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

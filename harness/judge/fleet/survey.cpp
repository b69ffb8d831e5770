#include "harness/judge/fleet/survey.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/error.h"
#include "harness/base/quantity.h"
#include "harness/judge/compare/decision.h"
#include "harness/statistics/distributions.h"
#include "harness/statistics/multiplicity.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

/// The cards of one group, and what they are slower by.
struct CardGroup {
  std::vector<const SurveyCard*> cards;
  std::vector<std::vector<float>> residual;  ///< by card, by case; NaN: not measured
  std::vector<double> whole;                 ///< by card
  std::optional<double> clock;               ///< in the middle
  std::vector<std::size_t> usual;            ///< cases that at least `fewest_surveyed` cards measured
};

double median_of_known(std::vector<double>& values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  return values.empty() ? std::numeric_limits<double>::quiet_NaN() : median(values);
}

CardGroup group_of(std::vector<const SurveyCard*> cards, std::size_t cases) {
  CardGroup group;
  group.cards = std::move(cards);
  group.residual.assign(group.cards.size(), std::vector<float>(cases, std::numeric_limits<float>::quiet_NaN()));
  std::vector<double> column;
  for (std::size_t c = 0; c < cases; ++c) {
    column.clear();
    for (const SurveyCard* card : group.cards)
      if (std::isfinite(card->level[c])) column.push_back(card->level[c]);
    if (column.size() < fewest_surveyed) continue;
    group.usual.push_back(c);
    const double middle = median(column);
    for (std::size_t d = 0; d < group.cards.size(); ++d)
      group.residual[d][c] = static_cast<float>(group.cards[d]->level[c] - middle);
  }
  std::vector<double> row, clocks;
  for (std::size_t d = 0; d < group.cards.size(); ++d) {
    row.assign(group.residual[d].begin(), group.residual[d].end());
    group.whole.push_back(median_of_known(row));
    if (group.cards[d]->sm_clock_hz) clocks.push_back(*group.cards[d]->sm_clock_hz);
  }
  if (2 * clocks.size() > group.cards.size()) group.clock = median(clocks);
  return group;
}

/// One-sided, of a value beyond the threshold, among values of this scatter.
double p_slower(double value, double threshold, const Scatter& scatter) {
  if (!std::isfinite(value) || scatter.df == 0) return 1;
  return student_t_upper_tail((value - threshold) / std::max(scatter.sd, 1e-6), scatter.df);
}

class Surveyor {
 public:
  Surveyor(const CardGroup& group, const std::vector<std::string>& cases, const SurveyOptions& options)
      : group_(group),
        cases_(cases),
        threshold_(std::log1p(options.threshold)),
        alpha_((1 - options.confidence) / 3),
        scatter_(scatter_of(finite(group.whole))) {}

  const Scatter& scatter() const { return scatter_; }

  std::vector<SlowMember> slow() {
    slow_machines();
    slow_cards();
    slow_in_a_case();
    return std::move(slow_);
  }

  double finds() const {
    const double level = alpha_ / static_cast<double>(group_.cards.size());
    return threshold_ +
           scatter_.sd * (student_t_upper_quantile(level, scatter_.df) + normal_quantile(detectable_power));
  }

 private:
  static std::vector<double> finite(std::vector<double> values) {
    std::erase_if(values, [](double value) { return !std::isfinite(value); });
    return values;
  }

  void slow_machines() {
    std::map<std::string, std::vector<std::size_t>> machines;
    for (std::size_t d = 0; d < group_.cards.size(); ++d)
      if (!group_.cards[d]->machine.empty() && std::isfinite(group_.whole[d]))
        machines[group_.cards[d]->machine].push_back(d);
    std::erase_if(machines, [](const auto& entry) { return entry.second.size() < 2; });
    std::vector<double> means;
    for (const auto& [name, cards] : machines) {
      double sum = 0;
      for (std::size_t d : cards) sum += group_.whole[d];
      means.push_back(sum / static_cast<double>(cards.size()));
    }
    const Scatter scatter = scatter_of(means);
    std::vector<double> p;
    for (double mean : means) p.push_back(p_slower(mean, threshold_, scatter));
    const std::vector<bool> falls = holm(p, alpha_);
    std::size_t i = 0;
    for (const auto& [name, cards] : machines) {
      const double mean = means[i];
      const bool slower = falls[i++];
      const auto slow_ones = std::ranges::count_if(cards, [&](std::size_t d) { return group_.whole[d] > mean / 2; });
      if (!slower || 2 * static_cast<std::size_t>(slow_ones) <= cards.size()) continue;
      SlowMember member{true, {}, name, {}, std::exp(mean), {}, {}};
      for (std::size_t d : cards) {
        member.cards.push_back(group_.cards[d]->card);
        named_.push_back(d);
      }
      member.why = fmt::format("{} of its {} cards are slower: what they share (host, power, cooling, a setting); {}",
                               slow_ones, cards.size(), why(cards.front()));
      slow_.push_back(std::move(member));
    }
  }

  void slow_cards() {
    std::vector<double> p;
    for (double whole : group_.whole) p.push_back(p_slower(whole, threshold_, scatter_));
    const std::vector<bool> falls = holm(p, alpha_);
    for (std::size_t d = 0; d < falls.size(); ++d)
      if (falls[d] && !is_named(d)) {
        named_.push_back(d);
        slow_.push_back(member_of(d, group_.whole[d], {}, why(d)));
      }
  }

  /// A card that is as fast as the others in the middle, and not in one case. Its worst case is named.
  void slow_in_a_case() {
    std::vector<double> p, own(group_.cards.size());
    std::vector<std::pair<std::size_t, std::size_t>> at;
    for (std::size_t c : group_.usual) {
      for (std::size_t d = 0; d < own.size(); ++d) own[d] = group_.residual[d][c] - group_.whole[d];
      const Scatter scatter = scatter_of(finite(own));
      for (std::size_t d = 0; d < own.size(); ++d) {
        p.push_back(p_slower(own[d], threshold_, scatter));
        at.emplace_back(d, c);
      }
    }
    const std::vector<bool> falls = holm(p, alpha_);
    std::map<std::size_t, std::vector<std::size_t>> found;  // cases by card
    for (std::size_t i = 0; i < falls.size(); ++i)
      if (falls[i] && !is_named(at[i].first)) found[at[i].first].push_back(at[i].second);
    for (const auto& [d, of_cases] : found) {
      const std::vector<float>& residual = group_.residual[d];
      const std::size_t worst = *std::ranges::max_element(of_cases, {}, [&](std::size_t c) { return residual[c]; });
      slow_.push_back(member_of(d, residual[worst], cases_[worst],
                                fmt::format("in {} of {} cases alone, and not as a whole: a part of the card",
                                            of_cases.size(), group_.usual.size())));
    }
  }

  SlowMember member_of(std::size_t d, double slower, const std::string& of_case, std::string why) const {
    return {false, group_.cards[d]->card, group_.cards[d]->machine, {}, std::exp(slower), of_case, std::move(why)};
  }

  bool is_named(std::size_t d) const { return std::ranges::find(named_, d) != named_.end(); }

  /// The clock, or the op that is slower than the rest.
  std::string why(std::size_t d) const {
    const SurveyCard& card = *group_.cards[d];
    if (card.sm_clock_hz && group_.clock) {
      const double clock = std::log(*card.sm_clock_hz / *group_.clock);
      if (-clock >= corroborated_share * group_.whole[d])
        return fmt::format("its SM clock is {} against the fleet's: heat, power or a limit", show_log_change(clock));
    }
    std::map<std::string, std::vector<double>> ops;
    for (std::size_t c : group_.usual)
      if (std::isfinite(group_.residual[d][c]))
        ops[cases_[c].substr(0, cases_[c].find('/'))].push_back(group_.residual[d][c]);
    std::vector<std::string> texts;
    for (auto& [op, values] : ops) texts.push_back(fmt::format("{} {}", op, show_log_change(median(values))));
    const char* const clock = card.sm_clock_hz && group_.clock ? "its SM clock is the fleet's; " : "";
    return fmt::format("{}by op: {}", clock, fmt::join(texts, ", "));
  }

  const CardGroup& group_;
  const std::vector<std::string>& cases_;
  double threshold_, alpha_;
  Scatter scatter_;
  std::vector<std::size_t> named_;
  std::vector<SlowMember> slow_;
};

}  // namespace

Survey survey_fleet(std::span<const SurveyCard> cards, const std::vector<std::string>& cases,
                    const std::vector<std::string>& groups, const SurveyOptions& options) {
  if (cards.empty()) throw HarnessError(ExitCode::usage, "there is no fleet: no card was measured");
  if (!(options.threshold >= 0 && options.threshold < 10))
    throw HarnessError(ExitCode::usage, "the threshold must be at least 0 and below 1000 %");
  Survey survey;
  survey.cards = cards.size();
  survey.cases = cases.size();
  std::map<std::string, bool> machines;
  std::map<std::size_t, std::vector<const SurveyCard*>> members;
  for (const SurveyCard& card : cards) {
    members[card.group].push_back(&card);
    if (!card.machine.empty()) machines[card.machine] = true;
  }
  survey.machines = machines.size();
  std::size_t largest = 0;
  for (auto& [number, of_group] : members) {
    if (of_group.size() < fewest_surveyed) {
      std::vector<std::string> names;
      for (const SurveyCard* card : of_group) names.push_back(card->card);
      survey.left_out.push_back(fmt::format("{}: {}", groups[number], fmt::join(names, ", ")));
      continue;
    }
    survey.compared += of_group.size();
    const CardGroup group = group_of(std::move(of_group), cases.size());
    Surveyor surveyor(group, cases, options);
    for (SlowMember& one : surveyor.slow()) survey.slow.push_back(std::move(one));
    if (group.cards.size() < largest || surveyor.scatter().df == 0) continue;
    largest = group.cards.size();
    survey.card_sd = surveyor.scatter().sd;
    survey.finds = std::exp(surveyor.finds());
  }
  std::ranges::stable_sort(survey.slow, std::greater<>(), &SlowMember::ratio);
  return survey;
}

}  // namespace kernelgate

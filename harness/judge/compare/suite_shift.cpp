#include "harness/judge/compare/suite_shift.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/quantity.h"
#include "harness/judge/compare/decision.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {

std::string suite_shift(std::vector<CaseVerdict>& cases) {
  std::vector<CaseVerdict*> judged;
  std::vector<double> moves;
  for (CaseVerdict& one : cases)
    if (!one.unit.empty() && one.ratio) {
      judged.push_back(&one);
      moves.push_back(std::log(*one.ratio));
    }
  if (judged.size() < fewest_for_scatter) return {};
  const double middle = median(moves);
  if (std::fabs(middle) < std::log1p(together_least)) return {};
  const Verdict called = middle > 0 ? Verdict::slower : Verdict::faster;
  std::vector<CaseVerdict*> together;
  std::vector<double> alike;
  for (std::size_t i = 0; i < judged.size(); ++i)
    if (std::fabs(moves[i] - middle) <= together_width * std::fabs(middle)) {
      together.push_back(judged[i]);
      alike.push_back(moves[i]);
    }
  const auto calls = std::ranges::count(cases, called, &CaseVerdict::verdict) +
                     std::ranges::count(cases, true, &CaseVerdict::beside_suite);
  if (static_cast<double>(together.size()) < together_share * static_cast<double>(judged.size())) return {};
  if (2 * static_cast<std::size_t>(calls) < judged.size()) return {};
  for (CaseVerdict* one : together) one->with_suite = true;
  return fmt::format(
      "the whole suite moved together: {} of {} cases took {} ({} to {}); that is one finding, of the machine or of "
      "the "
      "build as a whole; look there first, and measure both again",
      together.size(), judged.size(), show_log_change(middle), show_log_change(std::ranges::min(alike)),
      show_log_change(std::ranges::max(alike)));
}

std::string moved_in_common(const std::vector<CaseVerdict>& cases) {
  std::vector<double> moves;
  for (const CaseVerdict& one : cases)
    if (!one.unit.empty() && one.ratio) moves.push_back(std::log(*one.ratio));
  if (moves.size() < fewest_for_scatter) return {};
  const double middle = median(moves);
  const auto alike = std::ranges::count_if(moves, [middle](double move) { return move * middle > 0; });
  if (std::fabs(middle) < std::log1p(together_least) ||
      static_cast<double>(alike) < most_share * static_cast<double>(moves.size()))
    return {};
  return fmt::format(
      "{} of {} cases moved the same way, by {} in the middle: the runner was another, or the build changed as a "
      "whole; "
      "each case is judged beside that; measure both builds on one machine: kernelgate run --against BUILD",
      alike, moves.size(), show_log_change(middle));
}

}  // namespace kernelgate

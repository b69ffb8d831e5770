#include "harness/predict/baseline/prediction_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kernelgate::predict {
namespace {

std::string name_of(const PredictedPart& part) {
  if (!part.loop) return "outside loops";
  return fmt::format("the loop of {} instructions, {} rounds", part.instructions, part.rounds);
}

/// What was waited for longer, the most of it first.
std::string longer_waits(const PredictedPart& before, const PredictedPart& after) {
  std::string most;
  double largest = 0;
  for (const auto& [why, cycles] : after.cycles) {
    const auto found = before.cycles.find(why);
    const double more = cycles - (found == before.cycles.end() ? 0 : found->second);
    if (more <= largest) continue;
    largest = more;
    most = fmt::format("{} {:+.0f}", why, more / static_cast<double>(after.rounds));
  }
  return most;
}

/// Parts are matched by their place: loops by length of time, and what lies outside.
std::string reason_of(const PredictedTime& before, const PredictedTime& after) {
  const PredictedPart *worst_before = nullptr, *worst = nullptr;
  static const PredictedPart none;
  for (std::size_t i = 0; i < after.parts.size(); ++i) {
    const PredictedPart& part = after.parts[i];
    const auto same_kind = [&](const PredictedPart& one) { return one.loop == part.loop; };
    std::size_t place = 0;
    for (std::size_t k = 0; k < i; ++k) place += same_kind(after.parts[k]) ? 1 : 0;
    const PredictedPart* match = &none;
    for (const PredictedPart& one : before.parts)
      if (same_kind(one) && place-- == 0) {
        match = &one;
        break;
      }
    if (worst != nullptr && part.sum() - match->sum() <= worst->sum() - worst_before->sum()) continue;
    worst = &part;
    worst_before = match;
  }
  if (worst == nullptr) return "";
  if (worst->sum() <= worst_before->sum()) return "more waves, or more bytes: no part of a block takes longer";
  return fmt::format("{}: {:.0f} -> {:.0f} cycles a round; {}", name_of(*worst),
                     worst_before->sum() / static_cast<double>(worst_before->rounds),
                     worst->sum() / static_cast<double>(worst->rounds), longer_waits(*worst_before, *worst));
}

}  // namespace

bool PredictionComparison::any_slower() const { return std::ranges::any_of(changes, &PredictionChange::slower); }

PredictionComparison compare_predictions(const PredictedTimes& accepted, const PredictedTimes& now) {
  PredictionComparison comparison;
  if (accepted.nvcc != now.nvcc)
    comparison.not_comparable = fmt::format(
        "nvcc {} made the accepted code, and {} makes other code of the same source", accepted.nvcc, now.nvcc);
  else if (accepted.model != now.model || accepted.gpu_as_of != now.gpu_as_of)
    comparison.not_comparable = "the model, or the figures of the GPU, are not those of the accepted predictions";
  if (!comparison.not_comparable.empty()) return comparison;
  for (const PredictedTime& before : accepted.times)
    if (std::ranges::find(now.times, before.name, &PredictedTime::name) == now.times.end())
      comparison.gone.push_back(before.name);
  for (const PredictedTime& after : now.times) {
    const auto before = std::ranges::find(accepted.times, after.name, &PredictedTime::name);
    if (before == accepted.times.end()) {
      comparison.fresh.push_back(after.name);
    } else if (!after.no_ground.empty()) {
      if (before->no_ground.empty()) comparison.lost.push_back(fmt::format("{}: {}", after.name, after.no_ground));
    } else if (before->no_ground.empty()) {
      const double hot = after.hot_s / before->hot_s;
      const double cold = before->cold_s > 0 && after.cold_s > 0 ? after.cold_s / before->cold_s : 1;
      const bool is_cold = std::fabs(cold - 1) > std::fabs(hot - 1);
      const double ratio = is_cold ? cold : hot;
      if (std::fabs(ratio - 1) > slower_by / 10)
        comparison.changes.push_back({after.name, ratio, is_cold, ratio > 1 ? reason_of(*before, after) : ""});
    }
  }
  std::ranges::stable_sort(comparison.changes, std::greater<>(), &PredictionChange::ratio);
  return comparison;
}

std::string to_text(const PredictionComparison& comparison, const std::string& gpu) {
  if (!comparison.not_comparable.empty())
    return fmt::format("{}: NOT_COMPARABLE: {}\n", gpu, comparison.not_comparable);
  std::string text;
  for (const PredictionChange& one : comparison.changes) {
    text += fmt::format("  {:10} {} {}: predicted {:+.1f} %",
                        one.slower()    ? "SLOWER"
                        : one.ratio > 1 ? "slightly"
                                        : "faster",
                        one.name, one.cold ? "cold" : "hot", 100 * (one.ratio - 1));
    text += one.reason.empty() ? "\n" : fmt::format(": {}\n", one.reason);
  }
  for (const std::string& name : comparison.lost) text += fmt::format("  LOST       {}\n", name);
  for (const std::string& name : comparison.gone) text += fmt::format("  gone       {}\n", name);
  for (const std::string& name : comparison.fresh) text += fmt::format("  new        {}\n", name);
  const char* verdict = comparison.any_slower() ? "REGRESSED" : text.empty() ? "SAME" : "CHANGED";
  return fmt::format("{}: {} (predicted, nothing was measured)\n{}", gpu, verdict, text);
}

}  // namespace kernelgate::predict

#include "bench/predict/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include <nlohmann/json.hpp>

#include "bench/predict/predict_text.h"
#include "harness/base/progress.h"

namespace kernelgate {
namespace {

/// The same code on the same grid. What a kernel chose has no name: its launches tell.
bool same_launches(const CasePrediction& a, const CasePrediction& b) {
  const auto key = [](const predict::LaunchPrediction& one) { return std::tuple(one.kernel, one.blocks, one.cluster); };
  return std::ranges::equal(a.hot.launches, b.hot.launches, {}, key, key);
}

std::string line_of(const RankedPolicy& one, double best, std::size_t width) {
  const CasePrediction& is = one.prediction;
  if (!is.no_ground.empty()) return fmt::format("    {:{}} no prediction: {}\n", one.policy, width, is.no_ground);
  const auto longest =
      std::ranges::max_element(is.hot.launches, {}, [](const auto& launch) { return launch.seconds(); });
  return fmt::format("  {} {:{}} {:>9} {:9.4g}{} {:>6}  {}\n", one.chosen ? "*" : " ", one.policy, width,
                     is.cold.seconds > 0 ? fmt::format("{:.4g}", is.cold.seconds * 1e6) : "-", is.hot.seconds * 1e6,
                     mark_of(is), fmt::format("{:+.0f} %", 100 * (is.hot.seconds / best - 1)),
                     longest == is.hot.launches.end() ? "" : longest->bound);
}

}  // namespace

std::vector<PolicySweep> sweep_policies(const PredictedSuite::Selection& selection, const predict::Gpu& gpu,
                                        const PredictOptions& options) {
  std::vector<PolicySweep> sweeps;
  const auto selected = select_predicted(selection);
  ProgressBar progress(static_cast<int>(selected.size()), "sweeping");
  for (const SelectedCase& one : selected) {
    const std::vector<std::string> policies = one.problem->policies(one.candidate);
    progress.begin_step(one.name);
    if (policies.size() > 1) {
      const CasePrediction own = predict_case(*one.problem, one.candidate, gpu, options);
      PolicySweep sweep{one.name, {}};
      for (const std::string& policy : policies) {
        AnyProblem::Candidate candidate = one.candidate;
        candidate.policy = policy;
        CasePrediction prediction = predict_case(*one.problem, candidate, gpu, options);
        const bool chosen = prediction.no_ground.empty() && own.no_ground.empty() && same_launches(prediction, own);
        sweep.ranked.push_back({policy, std::move(prediction), chosen});
      }
      std::ranges::stable_sort(sweep.ranked, {}, [](const RankedPolicy& ranked) {
        return std::pair(!ranked.prediction.no_ground.empty(), ranked.prediction.hot.seconds);
      });
      sweeps.push_back(std::move(sweep));
    }
    progress.end_step("");
  }
  return sweeps;
}

std::string to_text(const std::vector<PolicySweep>& sweeps, const predict::Gpu& gpu) {
  std::size_t width = 0;
  for (const PolicySweep& sweep : sweeps)
    for (const RankedPolicy& one : sweep.ranked) width = std::max(width, one.policy.size());
  std::string text = fmt::format(
      "PREDICTED, not measured: {}; {}\nTile policies, the quickest first; *: what the kernel takes by itself\n",
      gpu.title, known_error(gpu));
  for (const PolicySweep& sweep : sweeps) {
    text += fmt::format("\n{}\n    {:{}} {:>9} {:>9}  {:>6}  {}\n", sweep.name, "policy", width, "cold us", "hot us",
                        "slower", "most of the hot time");
    for (const RankedPolicy& one : sweep.ranked)
      text += line_of(one, sweep.ranked.front().prediction.hot.seconds, width);
  }
  const auto marked = [](const RankedPolicy& one) { return *mark_of(one.prediction) == '~'; };
  if (std::ranges::any_of(sweeps, [&](const PolicySweep& sweep) { return std::ranges::any_of(sweep.ranked, marked); }))
    text += fmt::format("\n{}", mark_text);
  return text;
}

nlohmann::ordered_json to_json(const std::vector<PolicySweep>& sweeps, const predict::Gpu& gpu) {
  using Json = nlohmann::ordered_json;
  Json cases = Json::array();
  for (const PolicySweep& sweep : sweeps) {
    Json ranked = Json::array();
    for (const RankedPolicy& one : sweep.ranked) {
      Json row{{"policy", one.policy}, {"chosen", one.chosen}};
      if (one.prediction.no_ground.empty()) {
        row["hot_s"] = one.prediction.hot.seconds;
        row["cold_s"] = one.prediction.cold.seconds > 0 ? Json(one.prediction.cold.seconds) : Json();
      } else {
        row["no_ground"] = one.prediction.no_ground;
      }
      ranked.push_back(std::move(row));
    }
    cases.push_back({{"name", sweep.name}, {"policies", std::move(ranked)}});
  }
  return {{"kernelgate_predict_sweep", 1}, {"predicted", true}, {"gpu", gpu.name}, {"cases", std::move(cases)}};
}

}  // namespace kernelgate

#include "bench/predict/predict_text.h"

#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "bench/predict/predict_graph.h"
#include "bench/predict/suite_ratios.h"
#include "harness/predict/explain/explain_launch.h"

namespace kernelgate {
namespace {

using predict::LaunchPrediction;
using Json = nlohmann::ordered_json;

/// The launch that takes longest; a case has one at least.
const LaunchPrediction* longest(const StatePrediction& state) {
  const LaunchPrediction* most = nullptr;
  for (const LaunchPrediction& launch : state.launches)
    if (most == nullptr || launch.seconds() > most->seconds()) most = &launch;
  return most;
}

std::string heading(const PredictedSuite& suite) {
  return fmt::format("PREDICTED, not measured: {}, suite {}; {}\n", suite.gpu.title, suite.suite,
                     known_error(suite.gpu));
}

std::string case_text(const CasePrediction& one, std::size_t width) {
  if (!one.no_ground.empty()) return fmt::format("{:{}} no prediction: {}\n", one.name, width, one.no_ground);
  const LaunchPrediction* launch = longest(one.hot);
  if (launch == nullptr) return fmt::format("{:{}} nothing is launched\n", one.name, width);
  const bool cold_known = one.cold.seconds > 0;
  const std::string cold = cold_known ? fmt::format("{:.4g}", one.cold.seconds * 1e6) : "-";
  const std::string share = cold_known ? fmt::format("{:.1f} %", 100 * one.roofline_s / one.cold.seconds) : "-";
  const GraphBound bound = one.parts.empty() ? GraphBound{launch->bound, launch->bound_share} : bound_of(one.hot);
  return fmt::format("{:{}} {:>9} {:9.4g}{} {:>7}  {} ({:.0f} %)\n", one.name, width, cold, one.hot.seconds * 1e6,
                     mark_of(one), share, bound.bound, 100 * bound.share) +
         left_out_text(one);
}

/// A graph's kernels, each with its own figures.
std::string parts_text(const CasePrediction& one) {
  std::string text;
  for (const PartPrediction& part : one.parts)
    if (part.no_ground.empty())
      text += fmt::format("  {:24} {:8.2f} {:8.2f}  {:24} {}\n", part.name, part.cold_s * 1e6, part.hot_s * 1e6,
                          part.bound, part.case_name);
    else
      text += fmt::format("  {:24} {:>17}  {:24} {}\n", part.name, "no prediction", "", part.case_name);
  return text;
}

Json parts_json(const CasePrediction& one) {
  Json parts = Json::array();
  for (const PartPrediction& part : one.parts) {
    Json row{{"name", part.name}, {"case", part.case_name}, {"branch", part.branch}};
    if (part.no_ground.empty()) {
      row["cold_s"] = part.cold_s;
      row["hot_s"] = part.hot_s;
      row["bound"] = part.bound;
    } else {
      row["no_ground"] = part.no_ground;
    }
    parts.push_back(std::move(row));
  }
  return parts;
}

Json state_json(const StatePrediction& state) {
  Json launches = Json::array();
  for (const LaunchPrediction& launch : state.launches) {
    Json reasons;
    for (std::size_t i = 0; i < predict::reason_count; ++i)
      if (launch.replay.cycles_by_reason[i] > 0)
        reasons[to_string(static_cast<predict::Reason>(i))] = launch.replay.cycles_by_reason[i];
    launches.push_back({{"kernel", fmt::format("{}: {}", launch.kernel->file, launch.kernel->name)},
                        {"predicted_s", launch.seconds()},
                        {"launch_s", launch.launch_s},
                        {"blocks_s", launch.blocks_s},
                        {"bandwidth_s", launch.bandwidth_s},
                        {"bandwidth", launch.bandwidth},
                        {"power_s", launch.power_s},
                        {"cluster", launch.cluster},
                        {"bound", launch.bound},
                        {"bound_share", launch.bound_share},
                        {"blocks", launch.blocks},
                        {"blocks_at_once", launch.at_once},
                        {"waves", launch.waves},
                        {"cycles_by_reason", std::move(reasons)}});
  }
  return {{"predicted_s", state.seconds}, {"launches", std::move(launches)}};
}

}  // namespace

std::string known_error(const predict::Gpu& gpu) {
  if (gpu.worst_error <= 0)
    return "how wrong such figures are on this GPU is not known: nothing was measured to compare with";
  return fmt::format("median error {:.0f} %, worst {:.0f} %, on kernels that nothing was fitted to",
                     100 * gpu.median_error, 100 * gpu.worst_error);
}

std::string left_out_text(const CasePrediction& one) {
  std::string text;
  for (const PartPrediction& part : one.parts)
    if (!part.no_ground.empty())
      text += fmt::format("    {} is without {}, for which there is no prediction: {}\n", one.name, part.name,
                          part.no_ground);
  return text;
}

const char* mark_of(const CasePrediction& one) {
  return std::ranges::any_of(one.hot.launches, &LaunchPrediction::error_unknown) ? "~" : " ";
}

std::string explanation(const PredictedSuite& suite) {
  std::string text = heading(suite);
  for (const CasePrediction& one : suite.cases) {
    text += fmt::format("\n{}, hot\n", one.name);
    if (!one.no_ground.empty()) text += fmt::format("  no prediction: {}\n", one.no_ground);
    if (!one.parts.empty()) {
      text +=
          fmt::format("  one graph: {:.4g} us cold, {:.4g} us hot; its kernels\n  {:24} {:>8} {:>8}  {}\n",
                      one.cold.seconds * 1e6, one.hot.seconds * 1e6, "", "cold us", "hot us", "most of the hot time");
      text += parts_text(one) + left_out_text(one);
      continue;
    }
    for (const LaunchPrediction& launch : one.hot.launches) text += explain(launch, suite.gpu);
  }
  return text;
}

std::string suite_text(const PredictedSuite& suite) {
  std::size_t width = 0;
  for (const CasePrediction& one : suite.cases) width = std::max(width, one.name.size());
  std::string text = heading(suite) + fmt::format("\n{:{}} {:>9} {:>9}  {:>7}  {}\n", "case", width, "cold us",
                                                  "hot us", "of roof", "most of the hot time");
  for (const CasePrediction& one : suite.cases) text += case_text(one, width);
  if (std::ranges::any_of(suite.cases, [](const CasePrediction& one) { return *mark_of(one) == '~'; }))
    text += mark_text;
  const auto unchecked = std::ranges::count_if(
      suite.cases, [](const CasePrediction& one) { return one.no_ground.empty() && !one.checked; });
  if (unchecked > 0)
    text += fmt::format(
        "The host executor did not check what the code of {} of them does: they are too large for it, or --unchecked "
        "was given.\n",
        unchecked);
  const auto assumed = std::ranges::count_if(
      suite.cases, [](const CasePrediction& one) { return one.no_ground.empty() && one.as_if_none_wrote; });
  if (assumed > 0)
    text += fmt::format(
        "Blocks of {} of them read what other blocks write, and were followed as if none had written yet: of mel, as "
        "if "
        "no feature had to be raised afterwards.\n",
        assumed);
  if (const SuiteRatios beside = suite_ratios(suite); beside.vendor) text += to_text(beside.ratios, *beside.vendor);
  return text;
}

Json to_json(const PredictedSuite& suite) {
  const SuiteRatios beside = suite_ratios(suite);
  Json cases = Json::array();
  for (const CasePrediction& one : suite.cases) {
    Json row{{"name", one.name}};
    if (!one.no_ground.empty()) {
      row["no_ground"] = one.no_ground;
    } else {
      row["checked"] = one.checked;
      row["as_if_none_wrote"] = one.as_if_none_wrote;
      row["error_known"] = suite.gpu.worst_error > 0 && *mark_of(one) == ' ';
      row["launches_per_sample"] = one.launches_per_sample;
      row["roofline_s"] = one.roofline_s;
      if (!one.parts.empty()) row["parts"] = parts_json(one);
      row["cold"] = one.cold.seconds > 0 ? state_json(one.cold) : Json();
      row["hot"] = state_json(one.hot);
      if (const auto* ratio = beside.find(one.name)) row["vendor"] = ratio_json(*ratio);
    }
    cases.push_back(std::move(row));
  }
  return {{"kernelgate_predict", 1},
          {"predicted", true},
          {"gpu", suite.gpu.name},
          {"gpu_as_of", suite.gpu.as_of},
          {"suite", suite.suite},
          {"known_median_error", suite.gpu.worst_error > 0 ? Json(suite.gpu.median_error) : Json()},
          {"known_worst_error", suite.gpu.worst_error > 0 ? Json(suite.gpu.worst_error) : Json()},
          {"vendor", vendor_json(beside)},
          {"cases", std::move(cases)}};
}

}  // namespace kernelgate

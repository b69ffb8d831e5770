#include "bench/predict/suite_ratios.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace kernelgate {
namespace {

using Json = nlohmann::ordered_json;

Json known(double value) { return value > 0 ? Json(value) : Json(); }

Json summary_json(const predict::RatioSummary& summary) {
  if (summary.problems == 0) return {};
  return {{"problems", summary.problems},
          {"geometric_mean", summary.geometric_mean},
          {"least", summary.least},
          {"least_of", summary.least_of}};
}

}  // namespace

const predict::VendorRatio* SuiteRatios::find(std::string_view name) const {
  const auto found =
      std::ranges::find(ratios, name, [](const auto& one) -> const std::string& { return one.ours.name; });
  return found == ratios.end() ? nullptr : &*found;
}

SuiteRatios suite_ratios(const PredictedSuite& suite) {
  SuiteRatios beside;
  beside.vendor = predict::vendor_times(suite.gpu.name);
  if (!beside.vendor) return beside;
  std::vector<predict::OurTime> times;
  for (const CasePrediction& one : suite.cases) times.push_back({one.name, one.cold.seconds, one.hot.seconds});
  beside.ratios = vendor_ratios(times, *beside.vendor);
  return beside;
}

Json ratio_json(const predict::VendorRatio& one) {
  Json json{{"cold_s", known(one.vendor.cold_s)}, {"cold_by", one.vendor.cold_by}, {"cold_ratio", known(one.cold())},
            {"hot_s", known(one.vendor.hot_s)},   {"hot_by", one.vendor.hot_by},   {"hot_ratio", known(one.hot())}};
  if (!one.vendor.source.empty()) json["source"] = one.vendor.source;
  return json;
}

Json vendor_json(const SuiteRatios& beside) {
  if (!beside.vendor) return {};
  Json all = Json::array();
  for (const predict::ImplementationRatios& one : summaries(beside.ratios))
    all.push_back({{"op", one.op},
                   {"implementation", one.implementation},
                   {"cold", summary_json(one.cold)},
                   {"hot", summary_json(one.hot)}});
  return {{"measured_on", beside.vendor->on},
          {"measured", beside.vendor->measured},
          {"source", beside.vendor->source},
          {"summaries", std::move(all)}};
}

}  // namespace kernelgate

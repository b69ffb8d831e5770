// A comparison for programs.

#include "harness/judge/compare/compare.h"

namespace kernelgate {
namespace {

using nlohmann::json;

json number(const std::optional<double>& value) { return value ? json(*value) : json(); }

}  // namespace

json to_json(const Comparison& comparison, bool strict) {
  json controls = json::array();
  for (const ControlMove& one : comparison.controls)
    controls.push_back({{"name", one.name},
                        {"ratio", one.ratio},
                        {"drift_ratio", one.drift_ratio},
                        {"moved", one.moved},
                        {"drifted", one.drifted}});
  json cases = json::array();
  for (const CaseVerdict& one : comparison.cases)
    cases.push_back({{"name", one.name},
                     {"op", one.op},
                     {"problem", one.problem},
                     {"implementation", one.implementation},
                     {"state", one.state},
                     {"label", one.label},
                     {"verdict", to_string(one.verdict)},
                     {"wrong", one.wrong},
                     {"base_s", number(one.base_s)},
                     {"new_s", number(one.new_s)},
                     {"ratio", number(one.ratio)},
                     {"ratio_low", number(one.ratio_low)},
                     {"ratio_high", number(one.ratio_high)},
                     {"detectable_ratio", number(one.detectable_ratio)},
                     {"control_ratio", number(one.control_ratio)},
                     {"base_runs", one.base_runs},
                     {"new_runs", one.new_runs},
                     {"reason", one.reason},
                     {"attribution", one.attribution},
                     {"machine", one.machine},
                     {"with_suite", one.with_suite},
                     {"beside_suite", one.beside_suite},
                     {"unit", one.unit},
                     {"possibly", one.possibly},
                     {"equal_code", one.equal_code ? json(*one.equal_code) : json()}});
  return {{"base", comparison.base_description},
          {"new", comparison.new_description},
          {"base_notes", comparison.base_notes},
          {"base_expired", comparison.base_expired},
          {"differences", comparison.differences},
          {"declared", comparison.declared},
          {"known_equal",
           {{"compared", comparison.known_equal.compared},
            {"slower", comparison.known_equal.slower},
            {"faster", comparison.known_equal.faster}}},
          {"also_differs", comparison.also_differs},
          {"suite_shift", comparison.suite_shift},
          {"environment_shift", comparison.environment_shift},
          {"controls", std::move(controls)},
          {"controls_unknown", comparison.controls_unknown},
          {"exit_code", static_cast<int>(comparison.exit_code(strict))},
          {"cases", std::move(cases)}};
}

}  // namespace kernelgate

// A decision on a driver, for programs.

#include "harness/judge/driver/upgrade.h"

namespace kernelgate {
namespace {

using nlohmann::json;

json if_known(const std::optional<double>& value) { return value ? json(*value) : json(); }

json if_known(const std::string& text) { return text.empty() ? json() : json(text); }

}  // namespace

json to_json(const UpgradeDecision& decision) {
  json settings = json::array();
  for (const SettingDifference& one : decision.settings.differences)
    settings.push_back(
        {{"field", one.field}, {"boot", one.boot}, {"was", one.was}, {"is", one.is}, {"remedy", one.remedy}});
  json cases = json::array();
  for (const UpgradeCase& one : decision.cases) {
    const CaseVerdict& verdict = one.verdict;
    cases.push_back({{"name", verdict.name},
                     {"verdict", to_string(verdict.verdict)},
                     {"before_s", if_known(verdict.base_s)},
                     {"after_s", if_known(verdict.new_s)},
                     {"ratio", if_known(verdict.ratio)},
                     {"ratio_low", if_known(verdict.ratio_low)},
                     {"ratio_high", if_known(verdict.ratio_high)},
                     {"ratio_at_most", if_known(verdict.ratio_at_most)},
                     {"detectable_ratio", if_known(verdict.detectable_ratio)},
                     {"reason", verdict.reason},
                     {"why", if_known(one.why)},
                     {"back", to_string(one.back)},
                     {"back_ratio", if_known(one.back_ratio)}});
  }
  json mean;
  if (decision.mean)
    mean = {{"ratio", decision.mean->ratio},
            {"low", decision.mean->low},
            {"high", decision.mean->high},
            {"cases", decision.mean->cases}};
  return {
      {"schema_version", 1},
      {"kind", "kernelgate_driver_upgrade"},
      {"word", decision.word},
      {"decision", decision.sentence},
      {"next", decision.next},
      {"exit_code", static_cast<int>(decision.code)},
      {"drivers", {{"before", if_known(decision.before_driver)}, {"after", if_known(decision.after_driver)}}},
      {"boots", {{"before", decision.before_boots}, {"after", decision.after_boots}, {"back", decision.back_boots}}},
      {"settings", std::move(settings)},
      {"settings_unknown", decision.settings.unknown},
      {"geometric_mean", std::move(mean)},
      {"at_most", if_known(decision.at_most)},
      {"at_most_case", if_known(decision.worst)},
      {"finds", if_known(decision.finds)},
      {"went_back", if_known(decision.back)},
      {"beside_controls", decision.controls.taken},
      {"notes", decision.notes},
      {"cases", std::move(cases)}};
}

}  // namespace kernelgate

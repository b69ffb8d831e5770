#include "harness/report/fleet/survey_report.h"

#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "harness/base/printable.h"
#include "harness/base/quantity.h"

namespace kernelgate {
namespace {

std::string place_of(const SlowMember& one) {
  if (one.is_machine) return one.machine;
  return one.machine.empty() ? one.card : fmt::format("{} in {}", one.card, one.machine);
}

std::string amount_of(const SlowMember& one) {
  return show_change(one.ratio) + (one.of_case.empty() ? "" : " in " + one.of_case);
}

}  // namespace

std::string survey_text(const Survey& survey) {
  std::string text;
  const std::string fleet =
      fmt::format("{} cards in {} machines, {} cases", survey.cards, survey.machines, survey.cases);
  if (!survey.slow.empty())
    text = fmt::format("SLOWER: {} of a fleet of {}; the worst is {}, {}.\n", survey.slow.size(), fleet,
                       one_line(place_of(survey.slow.front())), one_line(amount_of(survey.slow.front())));
  else if (survey.compared == 0)
    text = fmt::format("NOT DECIDED: {}: fewer than {} of one environment tell nothing of each other.\n", fleet,
                       fewest_surveyed);
  else
    text = fmt::format("SAME: none of {} is slower than the others.\n", fleet);
  for (const SlowMember& one : survey.slow)
    text += fmt::format("  SLOWER {}: {}; {}\n", one_line(place_of(one)), one_line(amount_of(one)), one_line(one.why));
  if (survey.finds)
    text += fmt::format("Cards differ by {:.1f} %; a card that is slower by {} would have been named.\n",
                        100 * survey.card_sd, show_finds(*survey.finds));
  for (const std::string& line : survey.left_out)
    text += fmt::format("Compared with nobody, too few of one environment: {}\n", one_line(line));
  return text;
}

std::string drain_list(const Survey& survey) {
  std::map<std::string, std::string> machines;
  for (const SlowMember& one : survey.slow) {
    std::string& why = machines[one.machine.empty() ? one.card : one.machine];
    if (!why.empty()) why += "; ";
    why += fmt::format("{}{}", one.is_machine ? "" : one.card + " ", amount_of(one));
  }
  std::string text;
  for (const auto& [machine, why] : machines) text += fmt::format("{}  # {}\n", one_line(machine), one_line(why));
  return text;
}

nlohmann::json to_json(const Survey& survey) {
  nlohmann::json slow = nlohmann::json::array();
  for (const SlowMember& one : survey.slow)
    slow.push_back({{"machine", one.machine},
                    {"card", one.is_machine ? nlohmann::json() : nlohmann::json(one.card)},
                    {"cards", one.cards},
                    {"ratio", one.ratio},
                    {"case", one.of_case.empty() ? nlohmann::json() : nlohmann::json(one.of_case)},
                    {"why", one.why}});
  return {{"schema_version", 1},       {"kind", "kernelgate_fleet_survey"},
          {"cards", survey.cards},     {"machines", survey.machines},
          {"cases", survey.cases},     {"compared", survey.compared},
          {"card_sd", survey.card_sd}, {"finds", survey.finds ? nlohmann::json(*survey.finds) : nlohmann::json()},
          {"slow", std::move(slow)},   {"left_out", survey.left_out}};
}

}  // namespace kernelgate

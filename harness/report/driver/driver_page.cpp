#include "harness/report/driver/driver_report.h"

#include <initializer_list>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/base/quantity.h"
#include "harness/page/compact_json.h"
#include "harness/page/page.h"
#include "harness/report/driver/driver_texts.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

Tone tone_of(UpgradeAnswer answer) {
  switch (answer) {
    case UpgradeAnswer::not_slower:
      return Tone::good;
    case UpgradeAnswer::slower:
    case UpgradeAnswer::wrong:
      return Tone::bad;
    default:
      return Tone::unsure;
  }
}

/// Of a case, the median of each process run: [step, boot, seconds].
using RunPoints = std::vector<std::tuple<int, int, double>>;

std::map<std::string, RunPoints> points_of(const DriverUpgrade& upgrade) {
  std::map<std::string, RunPoints> points;
  const std::vector<Result>* const steps[] = {&upgrade.before, &upgrade.after, &upgrade.back};
  for (int step = 0; step < 3; ++step)
    for (std::size_t boot = 0; boot < steps[step]->size(); ++boot)
      for (const CaseResult& one : (*steps[step])[boot].cases)
        for (const CaseRun& run : one.runs)
          if (!run.samples_s.empty())
            points[one.name].emplace_back(step, static_cast<int>(boot), median(run.samples_s));
  return points;
}

void add_row(CompactJson& out, const UpgradeCase& one, const RunPoints& points) {
  const CaseVerdict& verdict = one.verdict;
  out.open('{');
  out.member("name", verdict.name);
  out.member("verdict", to_string(verdict.verdict));
  for (const auto& [name, value] :
       std::initializer_list<std::pair<const char*, const std::optional<double>&>>{{"before", verdict.base_s},
                                                                                   {"after", verdict.new_s},
                                                                                   {"ratio", verdict.ratio},
                                                                                   {"low", verdict.ratio_low},
                                                                                   {"high", verdict.ratio_high},
                                                                                   {"at_most", verdict.ratio_at_most},
                                                                                   {"back_ratio", one.back_ratio}}) {
    out.key(name);
    out.number(value);
  }
  out.member("reason", verdict.reason);
  out.member("why", one.why);
  out.member("back", one.back == WentBack::not_asked ? "" : to_string(one.back));
  out.key("points");
  out.open('[');
  for (const auto& [step, boot, seconds] : points) {
    out.open('[');
    out.whole(step);
    out.whole(boot);
    out.number(seconds);
    out.close(']');
  }
  out.close(']');
  out.close('}');
}

void add_settings(CompactJson& out, const Settings& settings) {
  out.key("settings");
  out.open('[');
  for (const SettingDifference& one : settings.differences)
    out.texts({one.field, one.boot, one.was, one.is, one.remedy});
  out.close(']');
  out.key("unknown");
  out.texts(settings.unknown);
}

std::string data_of(const UpgradeDecision& decision, const DriverUpgrade& upgrade) {
  CompactJson out;
  out.open('{');
  add_settings(out, decision.settings);
  out.key("drivers");
  out.texts({decision.before_driver, decision.after_driver});
  out.key("cases");
  out.open('[');
  const std::map<std::string, RunPoints> points = points_of(upgrade);
  for (const UpgradeCase& one : decision.cases) {
    const auto found = points.find(one.verdict.name);
    add_row(out, one, found == points.end() ? RunPoints{} : found->second);
  }
  out.close(']');
  out.key("notes");
  out.texts(decision.notes);
  out.close('}');
  return out.take();
}

}  // namespace

std::string driver_page(const UpgradeDecision& decision, const DriverUpgrade& upgrade) {
  Page page;
  page.kind = "kernelgate driver";
  page.title = fmt::format("{}: driver {}", decision.word, decision.after_driver);
  page.tone = tone_of(decision.answer);
  page.word = decision.word;
  page.headline = decision.sentence + ".";
  if (!decision.back.empty()) page.lines.push_back("Going back: " + decision.back + ".");
  if (decision.mean)
    page.lines.push_back(fmt::format("Geometric mean of {} cases: {}, between {} and {}.", decision.mean->cases,
                                     show_change(decision.mean->ratio, 2), show_change(decision.mean->low, 2),
                                     show_change(decision.mean->high, 2)));
  if (decision.at_most)
    page.lines.push_back(
        fmt::format("The worst case may be {} with {}.", decision.worst, show_change(*decision.at_most)));
  page.lines.push_back(fmt::format("Boots: {} before, {} after, {} back. Exit code {}.", decision.before_boots,
                                   decision.after_boots, decision.back_boots, static_cast<int>(decision.code)));
  page.lines.push_back("Next: " + decision.next);
  page.without_script = "The same as text: kernelgate driver decide.";
  page.footer = "kernelgate driver";
  page.body = driver_texts::driver_body;
  const InlineText scripts[] = {driver_texts::driver_script};
  page.scripts = scripts;
  page.data = data_of(decision, upgrade);
  return page_text(page);
}

}  // namespace kernelgate

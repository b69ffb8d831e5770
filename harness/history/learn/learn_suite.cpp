#include "harness/history/learn/learn_suite.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/check/fingerprint.h"
#include "harness/history/analysis/analyse.h"
#include "harness/judge/compare/comparability.h"

namespace kernelgate::history {
namespace {

using nlohmann::json;

/// A process run of the history: when its night's began, and which of them.
using RunKey = std::pair<std::string, std::size_t>;

json environment_of(const Side& side) {
  json identity = side.fingerprint.is_object() ? side.fingerprint.value("identity", json::object()) : json::object();
  if (side.source != "kernelgate" && !identity.empty()) identity["source"] = side.source;
  return {{"identity", std::move(identity)}};
}

struct Difference {
  std::vector<std::string> declared, undeclared;
};

Difference difference_of(const Environment& environment, const json& fresh, const std::vector<std::string>& vary) {
  Difference difference;
  for (std::string& text : identity_differences(environment.fingerprint, fresh)) {
    const std::string field = text.substr(0, text.find(':'));
    const bool declared = std::ranges::any_of(vary, [&](const auto& name) { return covers_field(name, field); });
    (declared ? difference.declared : difference.undeclared).push_back(std::move(text));
  }
  return difference;
}

/// Whether a document is one of the files that are judged.
bool is_part_of(const Document& document, const std::map<std::string, const SideCase*>& fresh) {
  std::size_t alike = 0;
  for (const CaseInDocument& one : document.cases) {
    const auto found = fresh.find(one.name);
    if (found == fresh.end() || one.runs.empty()) continue;
    const bool there = std::ranges::any_of(
        found->second->runs, [&](const RunSummary& run) { return run.median_s == one.runs.front().median_s; });
    if (!there) return false;
    ++alike;
  }
  return alike > 0;
}

/// One case's runs about their levels.
void learn_case(const Segment& segment, const SegmentAnalysis& analysis, LearnedCase& learned,
                std::map<RunKey, double>& residuals) {
  const std::size_t level_from = analysis.steps.empty() ? 0 : analysis.steps.back().at;
  // Beside a drift the level moves: earlier nights count as what they would have been last night.
  const double last_fitted = std::log(segment.nights.back().median_s()) - analysis.residuals.back();
  for (std::size_t t = 0; t < segment.nights.size(); ++t) {
    const Night& night = segment.nights[t];
    const double fitted = std::log(night.median_s()) - analysis.residuals[t];
    for (std::size_t r = 0; r < night.run_medians_s.size(); ++r) {
      const double y = std::log(night.run_medians_s[r]);
      residuals[{night.started_utc, r}] = y - fitted;
      if (t >= level_from) learned.level.push_back(y - fitted + last_fitted);
    }
  }
  if (learned.level.size() > level_nights)
    learned.level.erase(learned.level.begin(), learned.level.end() - static_cast<std::ptrdiff_t>(level_nights));
}

}  // namespace

LearnedSuite learn_from(const std::vector<Series>& all) {
  LearnedSuite learned;
  const std::vector<SeriesAnalysis> analyses = analyse(all, {});
  std::map<std::string, std::map<RunKey, double>> residuals;
  std::map<RunKey, bool> runs;
  std::string last_night;
  for (std::size_t i = 0; i < all.size(); ++i) {
    // Of the same environment, so that there is one segment.
    const Segment& segment = all[i].segments.back();
    learn_case(segment, analyses[i].segments.back(), learned.cases[all[i].name], residuals[all[i].name]);
    for (const auto& [key, value] : residuals[all[i].name]) runs[key] = true;
    last_night = std::max(last_night, segment.nights.back().night);
    learned.nights = std::max(learned.nights, segment.nights.size());
  }
  for (auto& [name, one] : learned.cases)
    for (const auto& [key, there] : runs) {
      const auto found = residuals[name].find(key);
      one.residuals.push_back(found != residuals[name].end() ? found->second
                                                             : std::numeric_limits<double>::quiet_NaN());
    }
  learned.description = fmt::format("{} runs of {} nights until {}, {} cases", runs.size(), learned.nights, last_night,
                                    learned.cases.size());
  return learned;
}

Learned learn_suite(const std::vector<std::filesystem::path>& places, const Side& fresh,
                    const std::vector<std::string>& vary) {
  Learned learned;
  std::map<std::string, const SideCase*> cases;
  for (const SideCase& one : fresh.cases) cases.emplace(one.name, &one);
  Environments environments;
  SeriesBuilder builder;
  const json environment = environment_of(fresh);
  std::map<const Environment*, Difference> differences;
  std::string undeclared, last_utc;
  learned.found = take_documents(places, environments, [&](const Document& document) {
    if (!fresh.started_utc.empty() && document.started_utc > fresh.started_utc) return;
    if (document.environment->device_kind != fresh.device_kind || document.environment->device != fresh.device) return;
    const auto [place, is_new] = differences.try_emplace(document.environment.get());
    if (is_new) place->second = difference_of(*document.environment, environment, vary);
    const Difference& difference = place->second;
    if (!difference.undeclared.empty()) {
      undeclared = difference.undeclared.front();
    } else if (!is_part_of(document, cases)) {
      builder.add(document);
      if (document.started_utc < last_utc) return;
      last_utc = document.started_utc;
      learned.suite.declared = difference.declared;
    }
  });
  if (learned.found.documents == 0)
    throw HarnessError(ExitCode::usage, fmt::format("'{}' is a folder, or a store, that holds no result; name one of "
                                                    "earlier nights",
                                                    places.front().string()));

  const std::vector<Series> all = builder.series(vary);
  if (all.empty() && undeclared.empty())
    throw HarnessError(ExitCode::refused,
                       fmt::format("the history has nothing of '{}' that was measured earlier", fresh.device));
  if (all.empty())
    throw HarnessError(ExitCode::refused,
                       fmt::format("the history has nothing of this environment: {}; if that is what you compare, "
                                   "declare it: --vary {}",
                                   undeclared, undeclared.substr(0, undeclared.find(':'))));
  std::vector<std::string> declared = std::move(learned.suite.declared);
  learned.suite = learn_from(all);
  learned.suite.declared = std::move(declared);
  return learned;
}

void take_as_level(LearnedSuite& suite, const Side& base) {
  for (const SideCase& one : base.cases) {
    if (one.status != CaseStatus::measured || one.runs.empty()) continue;
    const auto found = suite.cases.find(one.name);
    if (found == suite.cases.end()) continue;
    found->second.level.clear();
    for (const RunSummary& run : one.runs) found->second.level.push_back(std::log(run.median_s));
  }
  suite.description = fmt::format("{}; noise learned of {}", base.description, suite.description);
}

}  // namespace kernelgate::history

#include "bench/run/sides/read_survey.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/check/fingerprint.h"
#include "harness/judge/compare/device_class.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

using nlohmann::json;

constexpr const char* of_the_card = "gpu_uuid";

/// Sums of a card's levels, over the results that it has.
struct Sums {
  std::string machine;
  std::vector<double> level;
  std::vector<int> count;
  std::vector<double> clocks;
};

class SurveyReader {
 public:
  void take(const history::Document& document) {
    if (!document.complete || document.injected) {
      ++read_.left_out;
      return;
    }
    json identity = document.environment->fingerprint.value("identity", json::object());
    const json uuid = identity.is_object() ? identity.value(of_the_card, json()) : json();
    if (identity.is_object()) identity.erase(of_the_card);
    const std::string card = uuid.is_string() ? uuid.get<std::string>() : document.host;
    if (card.empty()) {
      read_.found.unusable.push_back(
          fmt::format("a result of {} names neither its card nor its machine", document.started_utc));
      return;
    }
    const auto [group, is_new] =
        groups_.try_emplace(json{document.environment->device, identity}.dump(), groups_.size());
    if (is_new) identities_.push_back({{"identity", identity}});
    Sums& sums = cards_[{group->second, card}];
    sums.machine = document.host;
    const Noise noise = device_class(document.environment->device_kind).noise;
    for (const history::CaseInDocument& one : document.cases) add(sums, one, noise);
  }

  SurveyRead finish(history::Found found) {
    for (const std::string& text : read_.found.unusable) found.unusable.push_back(text);
    read_.found = std::move(found);
    std::vector<std::size_t> sizes(groups_.size());
    for (auto& [key, sums] : cards_) {
      SurveyCard card{key.second, sums.machine, key.first, {}, {}};
      card.level.assign(read_.cases.size(), std::numeric_limits<float>::quiet_NaN());
      for (std::size_t c = 0; c < sums.level.size(); ++c)
        if (sums.count[c] > 0) card.level[c] = static_cast<float>(sums.level[c] / sums.count[c]);
      if (!sums.clocks.empty()) card.sm_clock_hz = median(sums.clocks);
      ++sizes[key.first];
      read_.cards.push_back(std::move(card));
    }
    const auto largest = std::ranges::max_element(sizes);
    for (std::size_t g = 0; g < sizes.size(); ++g) {
      const auto middle = static_cast<std::size_t>(largest - sizes.begin());
      read_.groups.push_back(
          fmt::format("{}", fmt::join(identity_differences(identities_[middle], identities_[g]), ", ")));
    }
    return std::move(read_);
  }

 private:
  void add(Sums& sums, const history::CaseInDocument& one, Noise noise) {
    if (one.status != CaseStatus::measured || one.runs.empty() || one.injected) return;
    const auto [place, is_new] = index_.try_emplace(one.name, read_.cases.size());
    if (is_new) read_.cases.push_back(one.name);
    const std::size_t c = place->second;
    if (sums.level.size() <= c) {
      sums.level.resize(c + 1);
      sums.count.resize(c + 1);
    }
    sums.level[c] += location(one.runs, noise);
    ++sums.count[c];
    for (const RunSummary& run : one.runs)
      if (run.clock_hz) sums.clocks.push_back(*run.clock_hz);
  }

  SurveyRead read_;
  std::map<std::string, std::size_t> groups_, index_;
  std::vector<json> identities_;
  std::map<std::pair<std::size_t, std::string>, Sums> cards_;
};

}  // namespace

SurveyRead read_survey(const std::filesystem::path& folder) {
  history::Environments environments;
  SurveyReader reader;
  history::Found found = history::take_documents({folder}, environments,
                                                 [&](const history::Document& document) { reader.take(document); });
  return reader.finish(std::move(found));
}

}  // namespace kernelgate

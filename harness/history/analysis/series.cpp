#include "harness/history/analysis/series.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/utc_time.h"
#include "harness/check/fingerprint.h"
#include "harness/judge/compare/comparability.h"
#include "harness/statistics/statistics.h"

namespace kernelgate::history {
namespace {

using EnvironmentPointer = std::shared_ptr<const Environment>;

/// What differs between two environments, apart by whether it was declared. Asked for every pair of neighbouring nights
/// of every case, of which few differ.
class Differences {
 public:
  struct Found {
    std::vector<std::string> undeclared, declared;
  };

  explicit Differences(const std::vector<std::string>& vary) : vary_(vary) {}

  const Found& between(const EnvironmentPointer& before, const EnvironmentPointer& after) {
    const auto [place, fresh] = found_.try_emplace({before.get(), after.get()});
    if (fresh && before != after)
      for (std::string& text : identity_differences(before->fingerprint, after->fingerprint)) {
        const std::string field = text.substr(0, text.find(':'));
        const bool declared = std::ranges::any_of(vary_, [&](const auto& name) { return covers_field(name, field); });
        (declared ? place->second.declared : place->second.undeclared).push_back(std::move(text));
      }
    return place->second;
  }

 private:
  const std::vector<std::string>& vary_;
  std::map<std::pair<const Environment*, const Environment*>, Found> found_;
};

void require_known_fields(const std::set<std::string>& fields, const std::vector<std::string>& vary) {
  for (const std::string& name : vary)
    if (std::ranges::none_of(fields, [&](const std::string& field) { return covers_field(name, field); }))
      throw HarnessError(ExitCode::usage,
                         fmt::format("--vary {}: no such field; there are {}", name, fmt::join(fields, ", ")));
}

std::set<std::string> identity_fields(const nlohmann::json& fingerprint) {
  std::set<std::string> fields;
  const nlohmann::json identity =
      fingerprint.is_object() ? fingerprint.value("identity", nlohmann::json()) : nlohmann::json();
  if (identity.is_object())
    for (const auto& [field, value] : identity.items()) fields.insert(field);
  return fields;
}

void join(Night& night, const Night& more) {
  if (night.clock_hz && more.clock_hz)
    night.clock_hz = (*night.clock_hz * static_cast<double>(night.run_medians_s.size()) +
                      *more.clock_hz * static_cast<double>(more.run_medians_s.size())) /
                     static_cast<double>(night.run_medians_s.size() + more.run_medians_s.size());
  else
    night.clock_hz.reset();
  night.run_medians_s.insert(night.run_medians_s.end(), more.run_medians_s.begin(), more.run_medians_s.end());
  if (more.started_utc >= night.started_utc) {
    night.commit = more.commit;
    night.code_hash = more.code_hash;
  }
  night.started_utc = std::min(night.started_utc, more.started_utc);
  night.dirty = night.dirty || more.dirty;
}

/// By time; what one night's documents of one commit found in environments that do not differ is one point. A night in
/// which several commits were measured has one of each: what a commit changed is looked for.
std::vector<Night> joined_nights(std::vector<Night> nights, Differences& differences) {
  std::ranges::stable_sort(nights, [](const Night& a, const Night& b) {
    return std::tie(a.night, a.started_utc) < std::tie(b.night, b.started_utc);
  });
  std::vector<Night> joined;
  for (Night& night : nights) {
    auto tonight = joined.end();  // the night's points are the last ones
    while (tonight != joined.begin() && std::prev(tonight)->night == night.night) --tonight;
    const auto same = std::find_if(tonight, joined.end(), [&](const Night& other) {
      if (other.commit != night.commit) return false;
      const auto& found = differences.between(other.environment, night.environment);
      return found.undeclared.empty() && found.declared.empty();
    });
    if (same != joined.end())
      join(*same, night);
    else
      joined.push_back(std::move(night));
  }
  return joined;
}

Night night_of_runs(const Document& document, const CaseInDocument& one, const std::string& night) {
  Night point{night,          document.started_utc, {}, std::nullopt, document.commit, one.code_hash,
              document.dirty, document.environment};
  std::vector<double> clocks;
  for (const RunSummary& run : one.runs) {
    if (run.night != night) continue;
    point.run_medians_s.push_back(run.median_s);
    if (run.clock_hz) clocks.push_back(*run.clock_hz);
  }
  if (clocks.size() == point.run_medians_s.size()) point.clock_hz = median(clocks);
  return point;
}

}  // namespace

double Night::median_s() const { return median(run_medians_s); }

void SeriesBuilder::add(const Document& document) {
  if (!document.complete) {
    ++left_out_.interrupted;
    return;
  }
  if (night_of(document.started_utc).empty()) {
    ++left_out_.undated;
    return;
  }
  for (const CaseInDocument& one : document.cases) {
    if (one.injected || document.injected) {
      ++left_out_.injected;
    } else if (one.status == CaseStatus::wrong) {
      ++left_out_.wrong;
    } else if (one.status == CaseStatus::skipped) {
      ++left_out_.skipped;
    } else if (one.status != CaseStatus::measured || one.runs.empty()) {
      ++left_out_.invalid;
    } else {
      auto& points = nights_[{document.environment->device, document.environment->device_kind, one.name}];
      std::set<std::string> nights;
      for (const RunSummary& run : one.runs) nights.insert(run.night);
      for (const std::string& night : nights) points.push_back(night_of_runs(document, one, night));
    }
  }
}

std::vector<Series> SeriesBuilder::series(const std::vector<std::string>& vary) const {
  std::set<std::string> fields;
  std::set<const Environment*> seen;
  for (const auto& [key, nights] : nights_)
    for (const Night& night : nights)
      if (seen.insert(night.environment.get()).second) fields.merge(identity_fields(night.environment->fingerprint));
  if (!nights_.empty()) require_known_fields(fields, vary);

  Differences differences(vary);
  std::vector<Series> all;
  for (const auto& [key, nights] : nights_) {
    Series series{key.device, key.device_kind, key.name, {}, {}};
    EnvironmentPointer before;
    for (Night& night : joined_nights(nights, differences)) {
      const auto found = before ? differences.between(before, night.environment) : Differences::Found{};
      before = night.environment;
      if (series.segments.empty() || !found.undeclared.empty())
        series.segments.push_back({found.undeclared, {}});
      else if (!found.declared.empty())
        series.joined.push_back({night.night, found.declared});
      series.segments.back().nights.push_back(std::move(night));
    }
    all.push_back(std::move(series));
  }
  return all;
}

}  // namespace kernelgate::history

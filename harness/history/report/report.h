#pragma once
// What was found in a history, for people, programs, and as a page of plots.

#include <iosfwd>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/history/analysis/analyse.h"
#include "harness/history/store/sources.h"

namespace kernelgate::history {

inline constexpr int history_schema_version = 1;

struct History {
  std::vector<Series> series;
  std::vector<SeriesAnalysis> analyses;  ///< one a series
  Found found;
  LeftOut left_out;
  AnalysisOptions options;
};

/// A step, with where it is; the reports list them by night, the latest first, and then by size.
struct StepAt {
  const Series* series = nullptr;
  const Segment* segment = nullptr;
  LocatedStep step;

  const Night& before() const { return segment->nights[step.at - 1]; }
  const Night& after() const { return segment->nights[step.at]; }
};
std::vector<StepAt> confirmed_steps(const History& history);

/// Most important first: steps, drift, possible steps, environments, then the summary. `all`: a line a case.
void write_text(std::ostream& out, const History& history, bool all);

/// docs/history.schema.json. Strict JSON.
nlohmann::json to_json(const History& history);

/// A page that needs no network: the chart library, the data and the script are in it. In a build without the chart
/// library it has its tables alone, and says so.
std::string to_html(const History& history);

/// The value of an identity field; "unknown" where it is missing.
std::string identity_field(const Environment& environment, const char* name);

}  // namespace kernelgate::history

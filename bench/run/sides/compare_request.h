#pragma once
// A comparison of two places, as `compare` and `report` are asked for it.

#include <optional>
#include <string>
#include <vector>

#include "bench/run/sides/read_side.h"
#include "harness/history/report/report.h"
#include "harness/judge/compare/compare.h"

namespace CLI {
class App;
}

namespace kernelgate {

struct CompareRequest {
  std::string base, fresh, metric;
  std::vector<std::string> history;
  std::string threshold = "0.5%";
  CompareOptions options;
  bool fleet = false;
};

/// The options that both commands have: --history, --class, --threshold, --vary, --metric.
void declare_compare_options(CLI::App& app, CompareRequest& request);

struct Compared {
  Comparison comparison;
  std::optional<SideRead> base;  ///< none: a fleet, or a history alone
  SideRead fresh;
  std::optional<history::History> history;  ///< read only where it is to be shown
};

/// One place is the new side, if there is a history; a folder or a store as the base is one.
/// Errors  HarnessError(usage): nothing to judge.
void settle_places(CompareRequest& request, const char* command);

/// `to_show`: reads the history a second time, as a history, so that it can be shown.
/// Errors  as the readers and compare.
Compared compare_places(const CompareRequest& request, bool to_show);

}  // namespace kernelgate

#pragma once
// What happened to each case: steps, slow drift, and how its nights scatter.
//
// Each stretch of nights in one environment is asked two questions, and each has an alpha of its own:
//   step   is the clearest step (or excursion) of the nights clearer than noise shows? Where it is, the
//          stretch is split there,
//          and its parts are searched with the same alpha.
//   drift  do the nights move away from the anchor, the first ones?
// What explains the stretch best is believed (segment_fit.h). Every stretch is judged as one of a suite of
// `reference_suite` cases, whatever else is there: so a case is found the same alone and among others, and of such
// suites where nothing changed a share of at most alpha shows any step, and a share of at most alpha any drift.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "harness/history/analysis/drift.h"
#include "harness/history/analysis/series.h"
#include "harness/history/analysis/steps.h"

namespace kernelgate::history {

/// Cases, of the suite whose error rate `alpha` is.
inline constexpr double reference_suite = 200;

struct AnalysisOptions {
  double threshold = 0.005;    ///< smaller changes count as none; a share
  double alpha = 0.01;         ///< of the steps of a suite; of its drifts, again
  double possible_rate = 0.1;  ///< the share of the list of possible steps that may be false
};

/// A step that was found, and what else changed with it.
struct LocatedStep {
  std::size_t at = 0;                  ///< night of its segment; the first on the new level
  double ratio = 1;                    ///< of the levels' times, after over before; above 1 is slower
  double before_s = 0, after_s = 0;    ///< medians of nights: of both levels; beside a drift of the nearest ones
  double p = 1;                        ///< within its case, before the correction for the number of cases
  std::optional<double> cycles_ratio;  ///< the same in clock cycles, where all nights know the clock
  std::string attribution;             ///< "code", "clock", "environment"; empty: not known
};

/// One stretch of nights.
struct SegmentAnalysis {
  std::vector<LocatedStep> steps;
  std::vector<double> levels_s;      ///< medians of the nights between steps; one more than steps
  std::optional<Drift> drift;        ///< only where one was found
  double anchor_s = 0, last_s = 0;   ///< medians of the first nights and of as many last ones
  std::optional<double> possible_p;  ///< no step was confirmed, but one is in the list of possible ones
  std::size_t possible_at = 0;
  double possible_ratio = 1;
  double phi = 0;                 ///< lag-1 correlation of nights that the test of steps reckoned with
  double night_sd = 0;            ///< of the log of a night's time, about steps and drift
  double run_sd = 0;              ///< of the log of a run's time within its night; 0: no night has two runs
  bool nights_scatter = false;    ///< far more than the runs within them do
  std::vector<double> residuals;  ///< of the log of each night's time, about steps and drift
};

struct SeriesAnalysis {
  std::vector<SegmentAnalysis> segments;  ///< as the series'
  double last_over_anchor = 1;            ///< of the last segment: its last nights' time over its first ones'
  double last_over_best = 1;              ///< over its best level
};

/// One analysis a series.
std::vector<SeriesAnalysis> analyse(const std::vector<Series>& all, const AnalysisOptions& options);

}  // namespace kernelgate::history

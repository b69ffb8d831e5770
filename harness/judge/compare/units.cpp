#include "harness/judge/compare/units.h"

#include <algorithm>
#include <map>

#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

const std::string& key_of(const RunSummary& run, Unit unit) { return unit == Unit::night ? run.night : run.boot; }

std::size_t nights_in(std::span<const RunSummary> runs) { return in_units(runs, Unit::night).size(); }

/// Of a field that every run knows; else nothing.
std::optional<double> median_if_known(const std::vector<RunSummary>& runs, std::optional<double> RunSummary::*field) {
  std::vector<double> values;
  for (const RunSummary& run : runs)
    if ((run.*field).has_value()) values.push_back(*(run.*field));
  if (values.size() != runs.size()) return std::nullopt;
  return median(values);
}

double median_of(const std::vector<RunSummary>& runs, double RunSummary::*field) {
  std::vector<double> values;
  for (const RunSummary& run : runs) values.push_back(run.*field);
  return median(values);
}

RunSummary joined(const std::vector<RunSummary>& runs) {
  RunSummary unit = runs.front();
  for (auto field : {&RunSummary::median_s, &RunSummary::q1_s, &RunSummary::q3_s, &RunSummary::quantum_s})
    unit.*field = median_of(runs, field);
  unit.samples = 0;
  for (const RunSummary& run : runs) unit.samples += run.samples;
  unit.clock_hz = median_if_known(runs, &RunSummary::clock_hz);
  unit.control_s = median_if_known(runs, &RunSummary::control_s);
  return unit;
}

}  // namespace

const char* to_string(Unit unit) {
  switch (unit) {
    case Unit::run:
      return "run";
    case Unit::night:
      return "night";
    case Unit::boot:
      return "boot";
  }
  return "?";
}

Unit unit_of(std::span<const RunSummary> base, std::span<const RunSummary> fresh, bool across_boots) {
  if (across_boots) return Unit::boot;
  return nights_in(base) > 1 || nights_in(fresh) > 1 ? Unit::night : Unit::run;
}

std::vector<RunSummary> in_units(std::span<const RunSummary> runs, Unit unit) {
  if (unit == Unit::run) return {runs.begin(), runs.end()};
  std::map<std::string, std::vector<RunSummary>> groups;
  for (const RunSummary& run : runs) groups[key_of(run, unit)].push_back(run);
  std::vector<RunSummary> units;
  for (const auto& [key, members] : groups) units.push_back(joined(members));
  return units;
}

}  // namespace kernelgate

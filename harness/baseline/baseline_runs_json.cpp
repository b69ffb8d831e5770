// Runs and spreads in a baseline's form on disk.

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "harness/baseline/baseline_json.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::pair<const char*, Component VarianceComponents::*> levels[] = {
    {"iteration", &VarianceComponents::iteration},
    {"run", &VarianceComponents::run},
    {"night", &VarianceComponents::night},
    {"boot", &VarianceComponents::boot}};

ordered_json run_json(const RunSummary& run) {
  ordered_json out{{"median_s", run.median_s}, {"q1_s", run.q1_s}, {"q3_s", run.q3_s}, {"samples", run.samples}};
  if (run.clock_hz) out["clock_hz"] = *run.clock_hz;
  if (run.control_s) out["control_s"] = *run.control_s;
  if (run.quantum_s > 0) out["quantum_s"] = run.quantum_s;
  return out;
}

}  // namespace

RunSummary run_from(const json& from) {
  RunSummary run;
  from.at("median_s").get_to(run.median_s);
  from.at("q1_s").get_to(run.q1_s);
  from.at("q3_s").get_to(run.q3_s);
  from.at("samples").get_to(run.samples);
  if (from.contains("clock_hz")) run.clock_hz = from.at("clock_hz").get<double>();
  if (from.contains("control_s")) run.control_s = from.at("control_s").get<double>();
  if (from.contains("quantum_s")) from.at("quantum_s").get_to(run.quantum_s);
  if (!(run.q1_s > 0 && run.q1_s <= run.median_s && run.median_s <= run.q3_s) || run.clock_hz.value_or(1) <= 0 ||
      run.control_s.value_or(1) <= 0 || run.quantum_s < 0 || run.samples < 1)
    throw ResultError("a run that can't be: " + from.dump());
  return run;
}

ordered_json nights_to_json(const std::vector<RunSummary>& runs) {
  std::map<std::pair<std::string, std::string>, ordered_json> cells;
  for (const RunSummary& run : runs) {
    ordered_json& cell = cells.try_emplace({run.night, run.boot}, ordered_json::array()).first->second;
    cell.push_back(run_json(run));
  }
  ordered_json nights = ordered_json::array();
  for (auto& [key, cell] : cells)
    nights.push_back({{"night", key.first}, {"boot", key.second}, {"runs", std::move(cell)}});
  return nights;
}

std::vector<RunSummary> nights_from(const json& nights) {
  std::vector<RunSummary> runs;
  for (const json& night : nights)
    for (const json& one : night.at("runs")) {
      RunSummary run = run_from(one);
      night.at("night").get_to(run.night);
      night.at("boot").get_to(run.boot);
      runs.push_back(std::move(run));
    }
  if (runs.empty()) throw ResultError("it has no runs");
  return runs;
}

ordered_json spread_to_json(const VarianceComponents& spread) {
  ordered_json out = ordered_json::object();
  for (const auto& [name, level] : levels) out[name] = {(spread.*level).sd, (spread.*level).df};
  return out;
}

VarianceComponents spread_from(const json& from) {
  VarianceComponents spread;
  for (const auto& [name, level] : levels) {
    const json& pair = from.at(name);
    spread.*level = {pair.at(0), pair.at(1)};
    if (!((spread.*level).sd >= 0 && (spread.*level).df >= 0))
      throw ResultError("a spread that can't be: " + from.dump());
  }
  return spread;
}

}  // namespace kernelgate

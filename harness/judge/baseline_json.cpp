// The baseline's form on disk.

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/judge/baseline.h"
#include "harness/judge/baseline_json.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

ordered_json run_json(const RunSummary& run) {
  ordered_json out{{"median_s", run.median_s}, {"q1_s", run.q1_s}, {"q3_s", run.q3_s}, {"samples", run.samples}};
  if (run.clock_hz) out["clock_hz"] = *run.clock_hz;
  if (run.control_s) out["control_s"] = *run.control_s;
  return out;
}

RunSummary run_from(const json& from) {
  RunSummary run;
  from.at("median_s").get_to(run.median_s);
  from.at("q1_s").get_to(run.q1_s);
  from.at("q3_s").get_to(run.q3_s);
  from.at("samples").get_to(run.samples);
  if (from.contains("clock_hz")) run.clock_hz = from.at("clock_hz").get<double>();
  if (from.contains("control_s")) run.control_s = from.at("control_s").get<double>();
  if (!(run.q1_s > 0 && run.q1_s <= run.median_s && run.median_s <= run.q3_s) || run.clock_hz.value_or(1) <= 0 ||
      run.control_s.value_or(1) <= 0 || run.samples < min_samples_per_run)
    throw ResultError("a run that can't be: " + from.dump());
  return run;
}

BaselineCase case_from(const json& from, const std::string& op) {
  BaselineCase one;
  SideCase& measured = one.measured;
  measured.op = op;
  from.at("name").get_to(measured.name);
  from.at("problem").get_to(measured.problem);
  from.at("implementation").get_to(measured.implementation);
  from.at("origin").get_to(measured.origin);
  from.at("state").get_to(measured.state);
  from.at("label").get_to(measured.label);
  from.at("flop").get_to(measured.flop);
  from.at("bytes").get_to(measured.bytes);
  from.at("accepted_utc").get_to(one.accepted_utc);
  from.at("commit").get_to(one.commit);
  for (const json& run : from.at("runs")) measured.runs.push_back(run_from(run));
  if (measured.runs.empty()) throw ResultError("it has no runs");
  return one;
}

}  // namespace

ordered_json baseline_to_json(const Baseline& baseline) {
  ordered_json cases = ordered_json::array();
  for (const BaselineCase& one : baseline.cases) {
    const SideCase& m = one.measured;
    ordered_json runs = ordered_json::array();
    for (const RunSummary& run : m.runs) runs.push_back(run_json(run));
    cases.push_back({{"name", m.name},
                     {"problem", m.problem},
                     {"implementation", m.implementation},
                     {"origin", m.origin},
                     {"state", m.state},
                     {"label", m.label},
                     {"flop", m.flop},
                     {"bytes", m.bytes},
                     {"accepted_utc", one.accepted_utc},
                     {"commit", one.commit},
                     {"runs", std::move(runs)}});
  }
  return {{"kernelgate_baseline",
           {{"schema_version", baseline_schema_version},
            {"device", baseline.device},
            {"device_kind", baseline.device_kind},
            {"op", baseline.op},
            {"suite", baseline.suite},
            {"accepted_utc", baseline.accepted_utc},
            {"accepted_by", baseline.accepted_by},
            {"reason", baseline.reason},
            {"dirty", baseline.dirty},
            {"build", baseline.build},
            {"fingerprint", baseline.fingerprint}}},
          {"cases", std::move(cases)}};
}

Baseline baseline_from_json(const json& document, const std::string& where) {
  if (!document.is_object() || !document.contains("kernelgate_baseline"))
    throw ResultError(fmt::format("'{}' is not a baseline; 'kernelgate baseline accept' writes one", where));
  const json& header = document.at("kernelgate_baseline");
  const json version = header.is_object() ? header.value("schema_version", json()) : json();
  if (version != baseline_schema_version)
    throw ResultError(fmt::format("'{}' has baseline schema version {}, and this program reads {}; accept a new result",
                                  where, version.dump(), baseline_schema_version));
  std::string at = "its head";
  try {
    Baseline baseline;
    header.at("device").get_to(baseline.device);
    header.at("device_kind").get_to(baseline.device_kind);
    header.at("op").get_to(baseline.op);
    header.at("suite").get_to(baseline.suite);
    header.at("accepted_utc").get_to(baseline.accepted_utc);
    header.at("accepted_by").get_to(baseline.accepted_by);
    header.at("reason").get_to(baseline.reason);
    header.at("dirty").get_to(baseline.dirty);
    baseline.build = header.at("build");
    baseline.fingerprint = header.at("fingerprint");
    std::set<std::string> names;
    for (const json& one : document.at("cases")) {
      at = fmt::format("case {}", names.size() + 1);
      baseline.cases.push_back(case_from(one, baseline.op));
      const std::string& name = baseline.cases.back().measured.name;
      if (!names.insert(name).second) throw ResultError(fmt::format("'{}' is there twice", name));
    }
    return baseline;
  } catch (const json::exception& error) {
    throw ResultError(fmt::format("'{}' is not a valid baseline: {}: {}", where, at, error.what()));
  } catch (const ResultError& error) {
    throw ResultError(fmt::format("'{}' is not a valid baseline: {}: {}", where, at, error.what()));
  }
}

}  // namespace kernelgate

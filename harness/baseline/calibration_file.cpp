// A calibration's form on disk.

#include <cmath>

#include <fmt/format.h>

#include "harness/base/atomic_file.h"
#include "harness/baseline/calibration.h"
#include "harness/baseline/device_state.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

ordered_json counts_json(const SelfComparisons& counted) {
  return {{"runs_a_side", counted.runs_a_side}, {"compared", counted.compared},
          {"slower", counted.slower},           {"faster", counted.faster},
          {"suites", counted.suites},           {"suites_with_alarm", counted.suites_with_alarm}};
}

SelfComparisons counts_from(const json& from) {
  return {from.at("runs_a_side"), from.at("compared"), from.at("slower"),
          from.at("faster"),      from.at("suites"),   from.at("suites_with_alarm")};
}

}  // namespace

fs::path write_calibration(const fs::path& folder, const Calibration& found) {
  ordered_json cases = ordered_json::array();
  for (const CalibratedCase& one : found.cases)
    cases.push_back({{"name", one.name},
                     {"run_sd", one.run_sd},
                     {"df", one.df},
                     {"lag1", one.lag1 ? ordered_json(*one.lag1) : ordered_json()},
                     {"detectable_ratio", one.detectable_ratio}});
  fs::path path = writable_in_device_state(folder, found.device, calibration_file);
  replace_file(path, dump_lines({{"kernelgate_calibration",
                                  {{"schema_version", calibration_schema_version},
                                   {"device", found.device},
                                   {"device_kind", found.device_kind},
                                   {"suite", found.suite},
                                   {"started_utc", found.started_utc},
                                   {"commit", found.commit},
                                   {"runs", found.runs},
                                   {"run_sd", found.run_sd},
                                   {"disjoint", counts_json(found.disjoint)},
                                   {"shuffled", counts_json(found.shuffled)}}},
                                 {"cases", std::move(cases)}}));
  return path;
}

Calibration read_calibration(const fs::path& path) {
  const json document = read_json(path);
  const json head = document.is_object() ? document.value("kernelgate_calibration", json()) : json();
  if (!head.is_object() || head.value("schema_version", json()) != calibration_schema_version)
    throw ResultError(fmt::format("'{}' is no calibration of schema {}; calibrate again: kernelgate baseline calibrate",
                                  path.string(), calibration_schema_version));
  try {
    Calibration found;
    head.at("device").get_to(found.device);
    head.at("device_kind").get_to(found.device_kind);
    head.at("suite").get_to(found.suite);
    head.at("started_utc").get_to(found.started_utc);
    head.at("commit").get_to(found.commit);
    head.at("runs").get_to(found.runs);
    head.at("run_sd").get_to(found.run_sd);
    found.disjoint = counts_from(head.at("disjoint"));
    found.shuffled = counts_from(head.at("shuffled"));
    for (const json& one : document.at("cases")) {
      CalibratedCase row{one.at("name"), one.at("run_sd"), one.at("df"), std::nullopt, one.at("detectable_ratio")};
      if (!one.at("lag1").is_null()) row.lag1 = one.at("lag1").get<double>();
      found.cases.push_back(std::move(row));
    }
    if (!(found.run_sd >= 0 && found.run_sd < 1)) throw ResultError("a spread that can't be");
    return found;
  } catch (const std::exception& error) {
    throw ResultError(fmt::format("'{}' is no valid calibration: {}; calibrate again: kernelgate baseline calibrate",
                                  path.string(), error.what()));
  }
}

std::optional<double> calibrated_run_sd(const fs::path& folder, const std::string& device) {
  const fs::path path = in_device_state(folder, device, calibration_file);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::nullopt;
  try {
    // Zero, from times that agree to the last digit, is a coarse timer and no knowledge.
    const double sd = read_calibration(path).run_sd;
    return sd > 0 ? std::optional(sd) : std::nullopt;
  } catch (const ResultError&) {
    return std::nullopt;
  }
}

}  // namespace kernelgate

#include "harness/predict/baseline/predicted_times.h"

#include <fmt/format.h>

#include <cmath>

#include <nlohmann/json.hpp>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"

namespace kernelgate::predict {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

fs::path path_of(const fs::path& baselines, const std::string& gpu) { return baselines / "predict" / (gpu + ".json"); }

/// Five digits: more than any comparison looks at.
double rounded(double value) { return value == 0 ? 0 : std::stod(fmt::format("{:.5g}", value)); }

ordered_json to_json(const PredictedTime& time) {
  ordered_json row{{"case", time.name}};
  if (!time.no_ground.empty()) {
    row["no_ground"] = time.no_ground;
    return row;
  }
  row["cold_s"] = time.cold_s > 0 ? ordered_json(rounded(time.cold_s)) : ordered_json(nullptr);
  row["hot_s"] = rounded(time.hot_s);
  row["parts"] = ordered_json::array();
  for (const PredictedPart& part : time.parts) {
    ordered_json cycles = ordered_json::object();
    for (const auto& [why, count] : part.cycles) cycles[why] = rounded(count);
    row["parts"].push_back(
        {{"loop", part.loop}, {"instructions", part.instructions}, {"rounds", part.rounds}, {"cycles", cycles}});
  }
  return row;
}

PredictedTime time_from(const json& row) {
  PredictedTime time;
  row.at("case").get_to(time.name);
  if (row.contains("no_ground")) {
    row.at("no_ground").get_to(time.no_ground);
    return time;
  }
  if (!row.at("cold_s").is_null()) row.at("cold_s").get_to(time.cold_s);
  row.at("hot_s").get_to(time.hot_s);
  for (const json& one : row.at("parts")) {
    PredictedPart part;
    one.at("loop").get_to(part.loop);
    one.at("instructions").get_to(part.instructions);
    one.at("rounds").get_to(part.rounds);
    one.at("cycles").get_to(part.cycles);
    time.parts.push_back(std::move(part));
  }
  return time;
}

}  // namespace

double PredictedPart::sum() const {
  double all = 0;
  for (const auto& [why, count] : cycles) all += count;
  return all;
}

std::optional<PredictedTimes> read_predicted_times(const fs::path& baselines, const std::string& gpu) {
  const fs::path path = path_of(baselines, gpu);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::nullopt;
  try {
    const json document = read_json(path);
    PredictedTimes times;
    document.at("gpu").get_to(times.gpu);
    document.at("gpu_as_of").get_to(times.gpu_as_of);
    document.at("suite").get_to(times.suite);
    document.at("nvcc").get_to(times.nvcc);
    document.at("model").get_to(times.model);
    for (const json& row : document.at("times")) times.times.push_back(time_from(row));
    return times;
  } catch (const json::exception& error) {
    throw ResultError(
        fmt::format("'{}' holds no predictions: {}; write it again: kernelgate predict --accept --reason TEXT",
                    path.string(), error.what()));
  }
}

fs::path accept_predicted_times(const PredictedTimes& times, const fs::path& baselines, const AcceptCodegen& options) {
  require_acceptable(options);
  ordered_json rows = ordered_json::array();
  for (const PredictedTime& time : times.times) rows.push_back(to_json(time));
  const ordered_json document{
      {"kernelgate_predict", 1},      {"predicted", true},        {"gpu", times.gpu},
      {"gpu_as_of", times.gpu_as_of}, {"suite", times.suite},     {"nvcc", times.nvcc},
      {"model", times.model},         {"reason", options.reason}, {"accepted_utc", options.accepted_utc},
      {"commit", options.commit},     {"dirty", options.dirty},   {"times", rows}};
  const fs::path path = path_of(baselines, times.gpu);
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  if (failed)
    throw ResultError(fmt::format("can't create '{}': {}; choose another place: --baselines DIR",
                                  path.parent_path().string(), failed.message()));
  replace_file(path, dump_lines(document));
  return path;
}

}  // namespace kernelgate::predict

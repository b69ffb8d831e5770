#include "harness/result/google_benchmark.h"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

using nlohmann::json;

void set_times(json& entry, double seconds, double scale) {
  entry["real_time"] = seconds * scale;
  entry["cpu_time"] = seconds * scale;
  entry["time_unit"] = "ns";
}

void set_throughput(json& entry, const CaseResult& result, double seconds) {
  if (seconds <= 0) return;
  if (result.flop > 0) entry["flop_per_second"] = result.flop / seconds;
  if (result.bytes > 0) entry["bytes_per_second"] = result.bytes / seconds;
}

}  // namespace

json google_benchmarks(const Result& result) {
  json entries = json::array();
  std::map<std::pair<std::string, std::string>, std::pair<int, int>> families;  // index, instances so far
  for (const CaseResult& one : result.cases) {
    auto& [family, instances] =
        families.try_emplace({one.op, one.implementation}, std::pair{static_cast<int>(families.size()), 0})
            .first->second;
    std::vector<const CaseRun*> measured;
    for (const CaseRun& run : one.runs)
      if (!run.samples_s.empty()) measured.push_back(&run);
    json common{
        {"name", one.name},     {"family_index", family},  {"per_family_instance_index", instances++},
        {"run_name", one.name}, {"run_type", "iteration"}, {"repetitions", std::max<std::size_t>(measured.size(), 1)},
        {"threads", 1}};
    if (!one.label.empty()) common["label"] = one.label;
    if (one.status != CaseStatus::measured || measured.empty()) {
      json entry = common;
      entry["repetition_index"] = 0;
      entry["error_occurred"] = true;
      entry["error_message"] = fmt::format("{}: {}", to_string(one.status), one.reason);
      entry["iterations"] = 0;
      set_times(entry, 0, 1);  // as Google's own writer does; its readers fail without these fields
      entries.push_back(std::move(entry));
      continue;
    }
    std::vector<double> medians;
    for (const CaseRun* run : measured) {
      json entry = common;
      entry["repetition_index"] = medians.size();
      entry["iterations"] = static_cast<std::int64_t>(run->samples_s.size()) * run->launches_per_sample;
      medians.push_back(median(run->samples_s));
      set_times(entry, medians.back(), 1e9);
      set_throughput(entry, one, medians.back());
      entries.push_back(std::move(entry));
    }
    if (medians.size() < 2) continue;
    const Summary summary = summarize(medians);
    const double cv = summary.mean > 0 ? summary.stddev / summary.mean : 0;
    const std::pair<const char*, double> aggregates[] = {
        {"mean", summary.mean}, {"median", summary.median}, {"stddev", summary.stddev}, {"cv", cv}};
    for (const auto& [aggregate, value] : aggregates) {
      const bool is_ratio = std::string_view(aggregate) == "cv";
      json entry = common;
      entry["name"] = one.name + "_" + aggregate;
      entry["run_type"] = "aggregate";
      entry["aggregate_name"] = aggregate;
      entry["aggregate_unit"] = is_ratio ? "percentage" : "time";
      entry["iterations"] = medians.size();
      set_times(entry, value, is_ratio ? 1 : 1e9);
      entries.push_back(std::move(entry));
    }
  }
  return entries;
}

}  // namespace kernelgate

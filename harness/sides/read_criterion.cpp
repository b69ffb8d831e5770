// criterion's files (target/criterion/<benchmark>/new/): one folder a benchmark. estimates.json has the slope and the
// median with their intervals, sample.json beside it the samples, benchmark.json the name. In nanoseconds, without date
// or machine. change/estimates.json has shares and no times. Source: src/{estimate,report,benchmark}.rs
// (bheisler/criterion.rs, 0.5).

#include <cmath>
#include <string>

#include <fmt/format.h>

#include "harness/base/atomic_file.h"
#include "harness/sides/foreign.h"
#include "harness/sides/foreign_run.h"

namespace kernelgate {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;
constexpr std::string_view criterion = "criterion";
constexpr double nanosecond = 1e-9;

/// A file beside the document; null where there is none that can be read.
json beside(const fs::path& path, const char* name) {
  std::error_code missing;
  const fs::path file = path.parent_path() / name;
  if (!fs::exists(file, missing)) return {};
  try {
    return read_json(file);
  } catch (const ResultError&) {
    return {};
  }
}

/// As criterion calls it, else as its folders are called.
std::string criterion_name(const fs::path& path) {
  const json about = beside(path, "benchmark.json");
  const json full = about.is_object() ? about.value("full_id", json()) : json();
  if (full.is_string()) return full.get<std::string>();
  const fs::path folder = fs::absolute(path).parent_path().parent_path();
  std::string name = folder.filename().string();
  for (fs::path above = folder.parent_path(); above.has_filename() && above.filename() != "criterion";
       above = above.parent_path()) {
    if (!above.has_parent_path() || above == above.parent_path()) return folder.filename().string();
    name = above.filename().string() + "/" + name;
  }
  return name;
}

/// Each sample is the time of so many iterations.
std::vector<double> criterion_samples(const json& sample) {
  std::vector<double> seconds;
  if (!sample.is_object()) return seconds;
  const json iterations = sample.value("iters", json::array()), times = sample.value("times", json::array());
  if (!iterations.is_array() || !times.is_array() || iterations.size() != times.size()) return seconds;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (!times[i].is_number() || !iterations[i].is_number() || !(iterations[i].get<double>() > 0)) return {};
    seconds.push_back(nanosecond * times[i].get<double>() / iterations[i].get<double>());
    if (!(std::isfinite(seconds.back()) && seconds.back() >= shortest_cycle_s)) return {};
  }
  return seconds;
}

double estimate_of(const json& document, const char* name) {
  const json estimate = document.value(name, json());
  const json point = estimate.is_object() ? estimate.value("point_estimate", json()) : json();
  return point.is_number() ? nanosecond * point.get<double>() : NAN;
}

SideCase criterion_case(const json& document, const fs::path& path) {
  SideCase one;
  one.name = one.op = criterion_name(path);
  const std::vector<double> samples = criterion_samples(beside(path, "sample.json"));
  if (!samples.empty()) {
    one.runs.push_back(run_of_samples(samples));
    return one;
  }
  const double middle = estimate_of(document, "median"), deviation = estimate_of(document, "std_dev");
  if (!(std::isfinite(middle) && middle >= shortest_cycle_s)) {
    one.status = CaseStatus::invalid;
    one.reason = fmt::format("its median is {} s, which is no time", middle);
    return one;
  }
  // Without sample.json the number of samples is not known: one that says nothing of its spread.
  one.runs.push_back(std::isfinite(deviation) && deviation >= 0 ? run_of_moments(middle, deviation / middle, 1)
                                                                : run_of_samples({middle}));
  one.remedy = thin_run_note(one.runs.front(), "keep sample.json beside estimates.json");
  return one;
}

Side read_criterion(const json& document, const fs::path& path, const std::string&) {
  if (path.parent_path().filename() == "change")
    throw ResultError("it holds changes, and no times; name the estimates.json in 'new' beside it");
  Side side;
  side.device_kind = "cpu";
  side.device = "cpu_unknown";
  json identity{{"kind", "cpu"}, {"metric", "median"}};
  for (const char* name : {"cpu_model", "num_cpus"}) identity[name] = not_recorded(criterion);
  side.fingerprint = {{"identity", identity}, {"covariates", json::object()}, {"informational", json::object()}};
  side.cases.push_back(criterion_case(document, path));
  side.description = fmt::format("{}, {}", criterion, side.cases.front().name);
  return side;
}

bool is_criterion(const json& document) {
  if (!document.is_object()) return false;
  for (const char* name : {"mean", "median", "std_dev", "median_abs_dev"})
    if (!document.contains(name) || !document.at(name).is_object() || !document.at(name).contains("point_estimate"))
      return false;
  return true;
}

const RegisterForeignFormat criterion_registered{{criterion, {"median"}, is_criterion, read_criterion}};

}  // namespace
}  // namespace kernelgate

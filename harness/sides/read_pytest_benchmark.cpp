// pytest-benchmark's JSON (--benchmark-json, or .benchmarks/*/0001_*.json): one process run, in seconds, with its
// rounds where --benchmark-save-data kept them. Source: src/pytest_benchmark/{session,stats}.py
// (ionelmc/pytest-benchmark, 4.0).

#include <cmath>
#include <string>

#include <fmt/format.h>

#include "harness/sides/foreign.h"
#include "harness/sides/foreign_run.h"
#include "harness/sides/foreign_time.h"

namespace kernelgate {
namespace {

using nlohmann::json;
constexpr std::string_view pytest_benchmark = "pytest-benchmark";

double second_in(const json& stats, const char* name) {
  const json value = stats.value(name, json());
  const double seconds = value.is_number() ? value.get<double>() : NAN;
  if (!(std::isfinite(seconds) && seconds >= shortest_cycle_s))
    throw ResultError(fmt::format("its {} is {}, which is no time", name, shown_json(value)));
  return seconds;
}

RunSummary pytest_run(const json& stats) {
  const json data = stats.value("data", json());
  if (data.is_array() && !data.empty()) {
    std::vector<double> samples;
    for (const json& one : data) {
      const double seconds = one.is_number() ? one.get<double>() : NAN;
      if (!(std::isfinite(seconds) && seconds >= shortest_cycle_s))
        throw ResultError(fmt::format("it has a round of {}, which is no time", shown_json(one)));
      samples.push_back(seconds);
    }
    return run_of_samples(samples);
  }
  const json rounds = stats.value("rounds", json());
  const std::size_t count = rounds.is_number_unsigned() ? rounds.get<std::size_t>() : 1;
  const double q1 = second_in(stats, "q1"), middle = second_in(stats, "median"), q3 = second_in(stats, "q3");
  if (!(q1 <= middle && middle <= q3)) throw ResultError("its quartiles are out of order");
  return run_of_quartiles(q1, middle, q3, count);
}

SideCase pytest_case(const json& bench, std::size_t number) {
  SideCase one;
  one.name = fmt::format("benchmark {}", number);
  try {
    if (!bench.is_object()) throw ResultError(fmt::format("it is {}, not an object", shown_json(bench)));
    const json full = bench.value("fullname", bench.value("name", json()));
    if (!full.is_string()) throw ResultError("it has no name");
    one.name = one.op = full.get<std::string>();
    const json stats = bench.value("stats", json());
    if (!stats.is_object()) throw ResultError("it has no stats");
    one.runs.push_back(pytest_run(stats));
    one.remedy = thin_run_note(one.runs.front(), "--benchmark-min-rounds=9, in several processes");
  } catch (const ResultError& error) {
    one.status = CaseStatus::invalid;
    one.reason = error.what();
  }
  return one;
}

Side read_pytest(const json& document, const std::filesystem::path&, const std::string&) {
  const json& benchmarks = document.at("benchmarks");
  if (!benchmarks.is_array())
    throw ResultError(fmt::format("its benchmarks are {}, not a list", shown_json(benchmarks)));
  Side side;
  side.device_kind = "cpu";
  side.device = "cpu_unknown";
  side.started_utc = utc_of_foreign(document.value("datetime", json()));
  const json commit = document.value("commit_info", json::object()),
             machine = document.value("machine_info", json::object());
  const json id = commit.is_object() ? commit.value("id", json()) : json();
  side.build = {{"commit", id.is_string() ? id.get<std::string>() : std::string()},
                {"dirty", commit.is_object() ? commit.value("dirty", json()) : json()}};
  const auto of_machine = [&](const char* name) { return machine.is_object() ? machine.value(name, json()) : json(); };
  const json cpu = of_machine("cpu");
  const auto of_cpu = [&](const char* name) {
    return cpu.is_object() && cpu.contains(name) ? cpu.at(name) : not_recorded(pytest_benchmark);
  };
  side.fingerprint = {{"identity",
                       {{"kind", "cpu"},
                        {"metric", "median"},
                        {"cpu_model", of_cpu("brand_raw")},
                        {"num_cpus", of_cpu("count")},
                        {"machine", of_machine("machine")},
                        {"python_version", of_machine("python_version")}}},
                      {"covariates", json::object()},
                      {"informational", {{"host_name", of_machine("node")}, {"system", of_machine("system")}}}};
  std::size_t number = 0;
  for (const json& bench : benchmarks) side.cases.push_back(pytest_case(bench, ++number));
  side.description = fmt::format("{}, {} benchmarks in one process, commit {}, {}", pytest_benchmark, side.cases.size(),
                                 side.build.at("commit").get<std::string>(), side.started_utc);
  return side;
}

bool is_pytest(const json& document) {
  return document.is_object() && document.contains("machine_info") && document.contains("benchmarks") &&
         !document.contains("context") && !document.contains("kernelgate");
}

const RegisterForeignFormat pytest_registered{{pytest_benchmark, {"median"}, is_pytest, read_pytest}};

}  // namespace
}  // namespace kernelgate

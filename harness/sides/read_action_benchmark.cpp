// github-action-benchmark's data.js, which holds all runs of a repository: a name, a value and a unit each, and nothing
// of how they spread. Source: its src/write.ts, src/extract.ts (benchmark-action/github-action-benchmark, v1.20).

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "harness/sides/foreign.h"
#include "harness/sides/foreign_run.h"
#include "harness/sides/foreign_time.h"

namespace kernelgate {
namespace {

using nlohmann::json;
constexpr std::string_view action_benchmark = "github-action-benchmark";

/// Seconds that a word stands for: "ns", "sec".
std::optional<double> seconds_of_unit(std::string_view word) {
  static const std::map<std::string_view, double> units{{"ns", 1e-9},
                                                        {"us", 1e-6},
                                                        {"\u00b5s", 1e-6},
                                                        {"\u03bcs", 1e-6},
                                                        {"ms", 1e-3},
                                                        {"s", 1},
                                                        {"sec", 1},
                                                        {"secs", 1},
                                                        {"second", 1},
                                                        {"seconds", 1},
                                                        {"min", 60},
                                                        {"nanoseconds", 1e-9},
                                                        {"microseconds", 1e-6},
                                                        {"milliseconds", 1e-3}};
  const auto found = units.find(word);
  return found != units.end() ? std::optional(found->second) : std::nullopt;
}

/// The time of one turn: "ns/iter" and "ms" are times, "ops/sec" and "iter/s" their inverse. Nothing for other units.
std::optional<double> time_of_value(double value, const std::string& unit) {
  const std::size_t slash = unit.find('/');
  const std::string first = unit.substr(0, slash), second = slash < unit.size() ? unit.substr(slash + 1) : "";
  if (const auto scale = seconds_of_unit(first); scale && seconds_of_unit(second) == std::nullopt)
    return value * *scale;
  const bool counts = first == "ops" || first == "op" || first == "iter" || first == "iters" || first == "ips";
  if (const auto scale = seconds_of_unit(second); counts && scale) return *scale / value;
  return std::nullopt;
}

SideCase action_case(const json& bench, const std::string& prefix) {
  SideCase one;
  if (!bench.is_object() || !bench.contains("name") || !bench.at("name").is_string())
    throw ResultError(fmt::format("a benchmark without a name: {}", shown_json(bench)));
  one.name = one.op = prefix + bench.at("name").get<std::string>();
  one.remedy = "it keeps one value of each benchmark; several runs of each build would tell how they vary";
  const json value = bench.value("value", json()), unit = bench.value("unit", json());
  const auto fail = [&](CaseStatus status, std::string reason) {
    one.status = status;
    one.reason = std::move(reason);
    return one;
  };
  // What is measured in bytes or points has no place in a comparison of times.
  const std::string unit_text = unit.is_string() ? unit.get<std::string>() : std::string();
  if (!time_of_value(1, unit_text))
    return fail(CaseStatus::skipped, fmt::format("its unit is {}, no time", shown_json(unit)));
  const double number = value.is_number() ? value.get<double>() : NAN;
  if (!(std::isfinite(number) && number > 0))
    return fail(CaseStatus::invalid, fmt::format("its value is {}, which is no time", shown_json(value)));
  const double seconds = *time_of_value(number, unit_text);
  if (seconds < shortest_cycle_s)
    return fail(CaseStatus::invalid, fmt::format("its value is {} {}, less than a clock cycle: nothing was done",
                                                 shown_json(value), unit_text));
  one.runs.push_back(run_of_samples({seconds}));
  return one;
}

Side action_side(const json& entry, const std::string& suite, const std::string& prefix) {
  Side side;
  side.device_kind = "cpu";
  side.device = "cpu_unknown";
  const json commit = entry.value("commit", json::object()), tool = entry.value("tool", json());
  side.started_utc = utc_of_foreign(entry.value("date", json()));
  const json id = commit.is_object() ? commit.value("id", json()) : json();
  side.build = {{"commit", id.is_string() ? id.get<std::string>() : std::string()}};
  json identity{{"kind", "cpu"}, {"metric", "value"}, {"tool", tool}};
  for (const char* name : {"cpu_model", "num_cpus", "compiler"}) identity[name] = not_recorded(action_benchmark);
  side.fingerprint = {{"identity", identity}, {"covariates", json::object()}, {"informational", json::object()}};
  for (const json& bench : entry.at("benches")) side.cases.push_back(action_case(bench, prefix));
  side.description = fmt::format("{}, suite {}, {} benchmarks, commit {}, {}", action_benchmark, suite,
                                 side.cases.size(), side.build.at("commit").get<std::string>(), side.started_utc);
  return side;
}

/// One suite's entries; a broken one is left out, with its fault.
void add_entries(const json& entries, const std::string& suite, const std::string& prefix, std::vector<Side>& sides,
                 std::string& first_fault) {
  std::size_t number = 0;
  for (const json& entry : entries) {
    ++number;
    try {
      if (!entry.is_object() || !entry.contains("benches") || !entry.at("benches").is_array())
        throw ResultError("it has no list of benches");
      sides.push_back(action_side(entry, suite, prefix));
    } catch (const std::exception& error) {
      if (first_fault.empty()) first_fault = fmt::format("suite {}, entry {}: {}", suite, number, error.what());
    }
  }
}

std::vector<Side> action_runs(const json& document, const std::filesystem::path&, const std::string&) {
  const json& suites = document.at("entries");
  std::vector<Side> sides;
  std::string first_fault;
  for (const auto& [suite, entries] : suites.items()) {
    if (!entries.is_array())
      throw ResultError(fmt::format("its suite {} is {}, not a list", suite, shown_json(entries)));
    add_entries(entries, suite, suites.size() > 1 ? suite + "/" : "", sides, first_fault);
  }
  std::erase_if(sides, [](const Side& side) { return side.cases.empty(); });
  if (sides.empty()) throw ResultError(first_fault.empty() ? "it holds no runs" : first_fault);
  std::ranges::stable_sort(sides, {}, &Side::started_utc);
  if (!first_fault.empty()) sides.back().notes.push_back("left out: " + first_fault);
  return sides;
}

/// The last run of each suite.
Side last_action_run(const json& document, const std::filesystem::path& path, const std::string& metric) {
  std::vector<Side> runs = action_runs(document, path, metric);
  Side last = std::move(runs.back());
  std::map<std::string, bool> known;
  for (const SideCase& one : last.cases) known[one.name] = true;
  const bool several = document.at("entries").size() > 1;
  for (std::size_t i = runs.size() - 1; several && i-- > 0;)
    if (!known.contains(runs[i].cases.front().name))
      for (SideCase& one : runs[i].cases)
        if (!std::exchange(known[one.name], true)) last.cases.push_back(std::move(one));
  return last;
}

bool is_action_benchmark(const json& document) {
  return document.is_object() && document.contains("entries") && document.at("entries").is_object() &&
         (document.contains("lastUpdate") || document.contains("repoUrl"));
}

const RegisterForeignFormat action_benchmark_registered{
    {action_benchmark, {"value"}, is_action_benchmark, last_action_run, action_runs}};

}  // namespace
}  // namespace kernelgate

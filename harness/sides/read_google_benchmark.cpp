// Google Benchmark's JSON as a side. What it writes, NaN included, is in its src/json_reporter.cc and src/reporter.cc
// (read at 267a111, 2026-08; the same since 1.5.1 but for `skipped`, which came with 1.8).

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "harness/base/utc_time.h"
#include "harness/sides/foreign.h"
#include "harness/sides/foreign_run.h"

namespace kernelgate {
namespace {

using nlohmann::json;
constexpr std::string_view tool = "Google Benchmark";

/// A time that can be used, or why not.
struct Time {
  double seconds = 0;
  std::string fault;
};

/// All entries of one benchmark: its repetitions, or its aggregates.
struct Family {
  std::string name, label;
  json instance;  ///< family_index and per_family_instance_index: two registrations of one name differ in them
  std::set<std::int64_t> repetitions;
  std::vector<double> samples_s;
  std::map<std::string, Time> aggregates;  ///< "median", "stddev"
  std::int64_t aggregated = 1;             ///< over how many repetitions
  CaseStatus status = CaseStatus::measured;
  std::string reason;
};

std::string text_in(const json& entry, const char* key) {
  const auto found = entry.find(key);
  if (found == entry.end()) return {};
  if (!found->is_string()) throw ResultError(fmt::format("its {} is {}, not a text", key, shown_json(*found)));
  return found->get<std::string>();
}

std::int64_t count_in(const json& entry, const char* key, std::int64_t otherwise) {
  const auto found = entry.find(key);
  if (found == entry.end()) return otherwise;
  if (!found->is_number_integer() || found->get<std::int64_t>() < 0)
    throw ResultError(fmt::format("its {} is {}, not a count", key, shown_json(*found)));
  return found->get<std::int64_t>();
}

bool says(const json& entry, const char* key) {
  const auto found = entry.find(key);
  return found != entry.end() && *found == true;  // a user counter of that name is a number
}

double unit_s(const json& entry) {
  static const std::map<std::string, double> units{{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}};
  const auto found = units.find(text_in(entry, "time_unit"));
  if (found == units.end())
    throw ResultError(fmt::format("its time_unit is {}, not ns, us, ms or s",
                                  entry.contains("time_unit") ? shown_json(entry.at("time_unit")) : "missing"));
  return found->second;
}

Time time_in(const json& entry, const std::string& metric, bool may_be_zero) {
  const double unit = unit_s(entry);
  const auto found = entry.find(metric);
  if (found == entry.end()) return {0, fmt::format("it has no {}", metric)};
  const double seconds = found->is_number() ? found->get<double>() * unit : NAN;
  const bool usable = std::isfinite(seconds) && (may_be_zero ? seconds >= 0 : seconds > 0);
  return {seconds, usable ? "" : fmt::format("its {} is {}, which is no time", metric, shown_json(*found))};
}

void mark(Family& family, CaseStatus status, std::string reason) {
  if (family.status != CaseStatus::measured) return;  // the first says it
  family.status = status;
  family.reason = std::move(reason);
}

void add_repetition(Family& family, const json& entry, const std::string& metric) {
  // Older than 1.5.1, or by another writer: nothing tells repetitions from two benchmarks of one name.
  const std::int64_t repetition = count_in(entry, "repetition_index", 0);
  if (!family.repetitions.insert(repetition).second)
    throw ResultError(fmt::format(
        "'{}' is there twice{}; give each its own name, or measure with Google Benchmark 1.5.1 or later", family.name,
        entry.contains("repetition_index") ? fmt::format(" as repetition {}", repetition)
                                           : ", with no repetition_index to tell repetitions by"));
  if (says(entry, "error_occurred")) return mark(family, CaseStatus::error, text_in(entry, "error_message"));
  if (says(entry, "skipped")) return mark(family, CaseStatus::skipped, text_in(entry, "skip_message"));
  const Time time = time_in(entry, metric, false);
  if (!time.fault.empty())
    return mark(family, CaseStatus::invalid,
                repetition > 0 ? fmt::format("in repetition {} {}", repetition, time.fault) : time.fault);
  family.samples_s.push_back(time.seconds);
}

RunSummary run_of_aggregates(const Family& family) {
  const auto median = family.aggregates.find("median"), spread = family.aggregates.find("stddev");
  if (median == family.aggregates.end())
    throw ResultError(
        "it has aggregates, and no median among them; measure without --benchmark_report_aggregates_only");
  const auto samples = static_cast<std::size_t>(family.aggregated);
  // With an unknown spread it is one value, whatever it was made of.
  if (spread == family.aggregates.end()) return run_of_moments(median->second.seconds, 0, 1);
  return run_of_moments(median->second.seconds, spread->second.seconds / median->second.seconds, samples);
}

SideCase case_of(const Family& family) {
  SideCase one;
  one.name = family.name;
  one.op = family.name.substr(0, family.name.find('/'));
  one.problem = family.name;
  one.label = family.label;
  one.status = family.status;
  one.reason = family.reason;
  if (one.status != CaseStatus::measured) return one;
  if (family.samples_s.empty()) {
    for (const auto& [name, time] : family.aggregates)
      if (!time.fault.empty()) {
        one.status = CaseStatus::invalid;
        one.reason = fmt::format("of its {} {}", name, time.fault);
        return one;
      }
    one.runs = {run_of_aggregates(family)};
  } else {
    one.runs = {run_of_samples(family.samples_s)};
  }
  one.remedy = thin_run_note(one.runs.front(), "measure with --benchmark_repetitions=9 or more, in several processes");
  return one;
}

/// The family of an entry; null for what is no measurement: asymptotic complexity, its error, ratios.
Family* family_of(const json& entry, std::vector<Family>& families, std::map<std::string, std::size_t>& index) {
  const bool aggregate = text_in(entry, "run_type") == "aggregate";
  const std::string kind = text_in(entry, "aggregate_name");
  if (aggregate && kind != "mean" && kind != "median" && kind != "stddev") return nullptr;
  std::string name = text_in(entry, "run_name");
  if (name.empty()) {
    name = text_in(entry, "name");
    if (aggregate && name.ends_with("_" + kind)) name.resize(name.size() - kind.size() - 1);
  }
  if (name.empty()) throw ResultError("it has no name");
  const auto [at, is_new] = index.try_emplace(name, families.size());
  const json instance = {entry.value("family_index", json()), entry.value("per_family_instance_index", json())};
  if (is_new) {
    families.push_back({});
    families.back().name = name;
    families.back().label = text_in(entry, "label");
    families.back().instance = instance;
  } else if (families[at->second].instance != instance) {
    throw ResultError(
        fmt::format("two benchmarks are called '{}', and nothing tells which is meant; give each its own name", name));
  }
  return &families[at->second];
}

void add_entry(const json& entry, const std::string& metric, std::vector<Family>& families,
               std::map<std::string, std::size_t>& index) {
  if (!entry.is_object()) throw ResultError(fmt::format("it is {}, not an object", shown_json(entry)));
  Family* family = family_of(entry, families, index);
  if (!family) return;
  if (text_in(entry, "run_type") != "aggregate") return add_repetition(*family, entry, metric);
  const std::string kind = text_in(entry, "aggregate_name");
  if (says(entry, "error_occurred")) return mark(*family, CaseStatus::error, text_in(entry, "error_message"));
  if (says(entry, "skipped")) return mark(*family, CaseStatus::skipped, text_in(entry, "skip_message"));
  if (!family->aggregates.try_emplace(kind, time_in(entry, metric, kind == "stddev")).second)
    throw ResultError(fmt::format("'{}' has two aggregates called {}", family->name, kind));
  family->aggregated = count_in(entry, "repetitions", count_in(entry, "iterations", 1));
}

json fingerprint_of(const json& context, const std::string& metric, bool aggregates) {
  static constexpr std::array identities{"num_cpus", "caches", "library_build_type", "cpu_scaling_enabled",
                                         "library_version"};
  static constexpr std::array informations{"date", "host_name", "executable", "load_avg"};
  // A median of all repetitions is not what the repetitions themselves are located by on a CPU: their lower quartile.
  json identity{{"kind", "cpu"}, {"metric", metric}, {"figures", aggregates ? "aggregates" : "repetitions"}},
      covariates = json::object(), informational = json::object();
  for (const char* name : {"cpu_model", "cpu_isa", "compiler"}) identity[name] = not_recorded(tool);
  for (const char* name : identities) identity[name] = context.value(name, not_recorded(tool));
  for (const char* name : informations) informational[name] = context.value(name, not_recorded(tool));
  // mhz_per_cpu among them: on many machines it is the clock of the moment. And what --benchmark_context added.
  for (const auto& [key, value] : context.items())
    if (!identity.contains(key) && !informational.contains(key)) covariates[key] = value;
  return {{"identity", identity}, {"covariates", covariates}, {"informational", informational}};
}

/// The night of a local time with its distance from UTC, "2026-01-02T03:04:05+09:00"; empty without one.
std::string night_of_local(const json& date) {
  std::tm time{};
  const std::string text = date.is_string() ? date.get<std::string>() : std::string();
  if (strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S%z", &time) == nullptr) return {};
  const std::time_t ahead = time.tm_gmtoff;  // timegm sets it to 0
  return night_of(utc_text(timegm(&time) - ahead));
}

bool matches(const json& document) {
  return document.is_object() && document.contains("benchmarks") && !document.contains("kernelgate") &&
         !document.contains("devices");  // nvbench's
}

Side read(const json& document, const std::filesystem::path&, const std::string& metric) {
  const json& entries = document.at("benchmarks");
  if (!entries.is_array()) throw ResultError(fmt::format("its benchmarks are {}, not a list", shown_json(entries)));
  const json context = document.value("context", json::object());
  if (!context.is_object()) throw ResultError(fmt::format("its context is {}, not an object", shown_json(context)));

  std::vector<Family> families;
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < entries.size(); ++i) try {
      add_entry(entries[i], metric, families, index);
    } catch (const ResultError& error) {
      throw ResultError(fmt::format("benchmark {}: {}", i + 1, error.what()));
    }
  Side side;
  side.device_kind = "cpu";
  side.device = "cpu_unknown";
  const bool aggregates =
      std::ranges::any_of(families, [](const Family& one) { return one.samples_s.empty() && !one.aggregates.empty(); });
  side.fingerprint = fingerprint_of(context, metric, aggregates);
  const std::string night = night_of_local(context.value("date", json()));
  for (const Family& family : families) {
    side.cases.push_back(case_of(family));
    for (RunSummary& run : side.cases.back().runs) run.night = night;
  }
  const auto said = [&](const char* key) {
    const json value = context.value(key, json());
    return value.is_string() ? value.get<std::string>() : std::string("unknown");
  };
  side.description = fmt::format("{}, {} of {} benchmarks in one process, host {}, {}", tool, metric, side.cases.size(),
                                 said("host_name"), said("date"));
  return side;
}

const RegisterForeignFormat foreign_registered{{tool, {"real_time", "cpu_time"}, matches, read}};

}  // namespace
}  // namespace kernelgate

// Google Benchmark's JSON as a side. What it writes, NaN included, is in its src/json_reporter.cc and src/reporter.cc
// (read at 267a111, 2026-08; the same since 1.5.1 but for `skipped`, which came with 1.8;
// before 1.5.0 a row does not say what it is: google_benchmark_rows.h).

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "harness/sides/foreign.h"
#include "harness/sides/foreign_run.h"
#include "harness/sides/foreign_time.h"
#include "harness/sides/google_benchmark_rows.h"

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
  bool malformed = false;  ///< nothing that the tool writes
};

/// What has been read of a document so far.
struct Families {
  explicit Families(const json& entries) : rows(entries) {}

  GoogleBenchmarkRows rows;
  std::vector<Family> all;
  std::map<std::string, std::size_t> index;

  Family& named(const std::string& name) {
    const auto [at, is_new] = index.try_emplace(name, all.size());
    if (is_new) {
      all.push_back({});
      all.back().name = name;
    }
    return all[at->second];
  }
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

Time time_in(const json& entry, const std::string& metric, bool is_spread) {
  const double unit = unit_s(entry);
  const auto found = entry.find(metric);
  if (found == entry.end()) return {0, fmt::format("it has no {}", metric)};
  const double seconds = found->is_number() ? found->get<double>() * unit : NAN;
  const bool usable = std::isfinite(seconds) && (is_spread ? seconds >= 0 : seconds > 0);
  if (!usable) return {seconds, fmt::format("its {} is {}, which is no time", metric, shown_json(*found))};
  // Of several threads it is the time that they took together, shared among them.
  const json threads = entry.value("threads", json(1));
  const double at_once = threads.is_number() ? std::max(1.0, threads.get<double>()) : 1;
  if (!is_spread && seconds * at_once < shortest_cycle_s)
    return {seconds, fmt::format("its {} is {} {}, less than a clock cycle: the loop did nothing, and was optimised "
                                 "away; use its result (benchmark::DoNotOptimize)",
                                 metric, shown_json(*found), text_in(entry, "time_unit"))};
  return {seconds, ""};
}

void mark(Family& family, CaseStatus status, std::string reason) {
  if (family.status != CaseStatus::measured) return;  // the first says it
  family.status = status;
  family.reason = std::move(reason);
}

void add_repetition(Family& family, const json& entry, const std::string& metric, bool repeated_without_index) {
  const auto next = static_cast<std::int64_t>(family.repetitions.size());
  const std::int64_t repetition = repeated_without_index ? next : count_in(entry, "repetition_index", 0);
  if (!family.repetitions.insert(repetition).second)
    throw ResultError(fmt::format(
        "'{}' is there twice{}: two runs in one file, or two benchmarks of one name; give each run a file of its own "
        "(run1.json,run2.json), and each benchmark its own name",
        family.name,
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
  // A median of all repetitions is not what the repetitions themselves are located by on a CPU: their lower quartile.
  one.figure = family.samples_s.empty() ? "aggregates" : "repetitions";
  if (family.samples_s.empty()) {
    one.status = CaseStatus::invalid;
    if (!family.aggregates.contains("median"))
      one.reason = "it has aggregates, and no median among them; measure without --benchmark_report_aggregates_only";
    for (const auto& [name, time] : family.aggregates)
      if (!time.fault.empty()) one.reason = fmt::format("of its {} {}", name, time.fault);
    if (!one.reason.empty()) return one;
    one.status = CaseStatus::measured;
    one.runs = {run_of_aggregates(family)};
  } else {
    one.runs = {run_of_samples(family.samples_s)};
  }
  one.remedy = thin_run_note(one.runs.front(), "measure with --benchmark_repetitions=9 or more, in several processes");
  return one;
}

void add_row(Family& family, const GoogleBenchmarkRow& row, const json& entry, const std::string& metric) {
  const json instance = {entry.value("family_index", json()), entry.value("per_family_instance_index", json())};
  if (family.repetitions.empty() && family.aggregates.empty()) {
    const json label = entry.value("label", json());  // a user's counter of that name is a number
    family.label = label.is_string() ? label.get<std::string>() : std::string();
    family.instance = instance;
  } else if (family.instance != instance) {
    throw ResultError(
        fmt::format("two benchmarks are called '{}', and nothing tells which is meant; give each its own "
                    "name",
                    family.name));
  }
  if (row.aggregate.empty()) return add_repetition(family, entry, metric, row.repeated_without_index);
  if (says(entry, "error_occurred")) return mark(family, CaseStatus::error, text_in(entry, "error_message"));
  if (says(entry, "skipped")) return mark(family, CaseStatus::skipped, text_in(entry, "skip_message"));
  if (!family.aggregates.try_emplace(row.aggregate, time_in(entry, metric, row.aggregate == "stddev")).second)
    throw ResultError(fmt::format("'{}' has two aggregates called {}", family.name, row.aggregate));
  family.aggregated = count_in(entry, "repetitions", count_in(entry, "iterations", 1));
}

/// What is wrong with one entry is its benchmark's affair, and refuses no other. Returns the fault.
std::string add_entry(Families& families, const json& entry, const std::string& metric, std::size_t number) {
  std::string name = fmt::format("benchmark {}", number);
  try {
    if (!entry.is_object()) throw ResultError(fmt::format("it is {}, not an object", shown_json(entry)));
    const std::optional<GoogleBenchmarkRow> row = families.rows.row_of(entry);
    if (!row) return {};
    name = row->family;
    add_row(families.named(name), *row, entry, metric);
    return {};
  } catch (const ResultError& error) {
    Family& family = families.named(name);
    family.malformed = true;
    family.status = CaseStatus::invalid;
    family.reason = error.what();
    return fmt::format("benchmark {}: {}", number, error.what());
  }
}

json fingerprint_of(const json& context, const std::string& metric) {
  static constexpr std::array identities{"num_cpus", "caches", "library_build_type", "cpu_scaling_enabled",
                                         "library_version"};
  static constexpr std::array informations{"date", "host_name", "executable", "load_avg"};
  json identity{{"kind", "cpu"}, {"metric", metric}}, covariates = json::object(), informational = json::object();
  for (const char* name : {"cpu_model", "cpu_isa", "compiler"}) identity[name] = not_recorded(tool);
  for (const char* name : identities) identity[name] = context.value(name, not_recorded(tool));
  for (const char* name : informations) informational[name] = context.value(name, not_recorded(tool));
  // mhz_per_cpu among them: on many machines it is the clock of the moment. And what --benchmark_context added.
  for (const auto& [key, value] : context.items())
    if (!identity.contains(key) && !informational.contains(key)) covariates[key] = value;
  return {{"identity", identity}, {"covariates", covariates}, {"informational", informational}};
}

bool matches(const json& document) {
  return document.is_object() && document.contains("benchmarks") && !document.contains("kernelgate") &&
         !document.contains("devices") &&     // nvbench's
         !document.contains("machine_info");  // pytest-benchmark's
}

Side read(const json& document, const std::filesystem::path&, const std::string& metric) {
  const json& entries = document.at("benchmarks");
  if (!entries.is_array()) throw ResultError(fmt::format("its benchmarks are {}, not a list", shown_json(entries)));
  const json context = document.value("context", json::object());
  if (!context.is_object()) throw ResultError(fmt::format("its context is {}, not an object", shown_json(context)));

  Families families(entries);
  std::string first_fault;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (std::string fault = add_entry(families, entries[i], metric, i + 1); first_fault.empty())
      first_fault = std::move(fault);
  if (std::ranges::all_of(families.all, &Family::malformed)) {
    const bool listed = std::none_of(entries.begin(), entries.end(), [](const json& entry) {
      return entry.is_object() && (entry.contains("iterations") || entry.contains("real_time"));
    });
    if (listed && !entries.empty() && entries.front().is_object() && entries.front().contains("name"))
      throw ResultError(
          fmt::format("it lists {} benchmarks and holds no times, as --benchmark_list_tests writes it; "
                      "measure, without that flag ({})",
                      entries.size(), first_fault));
    if (!first_fault.empty()) throw ResultError(first_fault);
  }
  Side side;
  side.device_kind = "cpu";
  side.device = "cpu_unknown";
  side.fingerprint = fingerprint_of(context, metric);
  side.started_utc = utc_of_foreign(context.value("date", json()));
  for (const Family& family : families.all) side.cases.push_back(case_of(family));
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

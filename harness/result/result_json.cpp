// The result document to and from JSON.

#include <array>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "harness/base/json/json_text.h"
#include "harness/result/google_benchmark.h"
#include "harness/result/host_context.h"
#include "harness/result/result.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

using nlohmann::json;

constexpr std::array status_names{"measured", "skipped", "wrong", "invalid", "error"};

CaseStatus status_of(const std::string& name) {
  for (std::size_t i = 0; i < status_names.size(); ++i)
    if (name == status_names[i]) return static_cast<CaseStatus>(i);
  throw ResultError("unknown status '" + name + "'");
}

json summary_json(const std::vector<double>& samples) {
  if (samples.empty()) return nullptr;
  const bool finite = std::ranges::all_of(samples, [](double x) { return std::isfinite(x); });
  if (!finite) throw ResultError("a sample is not a finite number; this is a defect of the program");
  const Summary s = summarize(samples);
  return {{"count", s.count},     {"min_s", s.min},   {"p5_s", s.p5},        {"q1_s", s.q1},
          {"median_s", s.median}, {"q3_s", s.q3},     {"p95_s", s.p95},      {"p99_s", s.p99},
          {"max_s", s.max},       {"mean_s", s.mean}, {"stddev_s", s.stddev}};
}

json run_json(const CaseRun& run) {
  json telemetry = json::array();
  for (const RegionTelemetry& region : run.telemetry) telemetry.push_back(to_json(region));
  return {{"run", run.run},
          {"launches_per_sample", run.launches_per_sample},
          {"discarded", run.discarded},
          {"summary", summary_json(run.samples_s)},
          {"samples_s", run.samples_s},
          {"sm_clock_hz", run.sm_clock_hz},
          {"processor_s", run.processor_s},
          {"preempted", run.preempted},
          {"checked_s", run.checked_s},
          {"control_s", run.control_s},
          {"started_utc", run.started_utc},
          {"boot_id", run.boot_id},
          {"layout_seed", run.layout_seed},
          {"input_seed", run.input_seed},
          {"telemetry", telemetry}};
}

json verification_json(const std::optional<VerificationRecord>& record) {
  if (!record) return nullptr;
  return {{"right", record->right},
          {"checked", record->checked},
          {"outputs", record->outputs},
          {"max_error", record->max_error},
          {"max_error_ratio", record->max_error_ratio},
          {"repeats", record->repeats ? json(*record->repeats) : json()},
          {"text", record->text}};
}

json case_json(const CaseResult& one) {
  json runs = json::array();
  for (const CaseRun& run : one.runs) runs.push_back(run_json(run));
  return {{"name", one.name},
          {"op", one.op},
          {"problem", one.problem},
          {"label", one.label},
          {"implementation", one.implementation},
          {"origin", one.origin},
          {"state", one.state},
          {"status", to_string(one.status)},
          {"reason", one.reason},
          {"flop", one.flop},
          {"bytes", one.bytes},
          {"injected", one.injected},
          {"code_hash", one.code_hash},
          {"kernel", one.kernel},
          {"chosen_by", one.chosen_by},
          {"verification", verification_json(one.verification)},
          {"runs", runs}};
}

CaseRun process_run_from(const json& from) {
  CaseRun run;
  from.at("run").get_to(run.run);
  from.at("launches_per_sample").get_to(run.launches_per_sample);
  from.at("discarded").get_to(run.discarded);
  from.at("samples_s").get_to(run.samples_s);
  from.at("sm_clock_hz").get_to(run.sm_clock_hz);
  if (from.contains("control_s")) from.at("control_s").get_to(run.control_s);  // files from before there was one
  run.started_utc = from.value("started_utc", "");
  run.boot_id = from.value("boot_id", "");
  run.layout_seed = from.value("layout_seed", std::uint64_t{0});
  run.input_seed = from.value("input_seed", std::uint64_t{0});
  run.preempted = from.value("preempted", std::int64_t{0});
  for (auto [key, times] : {std::pair{"processor_s", &run.processor_s}, {"checked_s", &run.checked_s}})
    if (from.contains(key)) from.at(key).get_to(*times);  // files from before there were any
  if (from.contains("telemetry"))                         // files from before there was any
    for (const json& region : from.at("telemetry")) run.telemetry.push_back(region_telemetry_from_json(region));
  require_possible(run);
  return run;
}

VerificationRecord verification_from(const json& from) {
  VerificationRecord record;
  from.at("right").get_to(record.right);
  from.at("checked").get_to(record.checked);
  from.at("outputs").get_to(record.outputs);
  from.at("max_error").get_to(record.max_error);
  from.at("max_error_ratio").get_to(record.max_error_ratio);
  if (const json repeats = from.value("repeats", json()); !repeats.is_null()) record.repeats = repeats.get<bool>();
  from.at("text").get_to(record.text);
  return record;
}

ControlRun control_from(const json& from) {
  ControlRun control;
  from.at("name").get_to(control.name);
  from.at("run").get_to(control.run);
  from.at("first_s").get_to(control.first_s);
  from.at("last_s").get_to(control.last_s);
  control.flop = from.value("flop", 0.0);  // files from before it was recorded
  control.bytes = from.value("bytes", 0.0);
  for (const auto* times : {&control.first_s, &control.last_s})
    for (double time : *times)
      if (!(time > 0)) throw ResultError(fmt::format("control {} has a time of {} s", control.name, time));
  return control;
}

CaseResult case_from(const json& from) {
  CaseResult one;
  from.at("name").get_to(one.name);
  from.at("op").get_to(one.op);
  from.at("problem").get_to(one.problem);
  from.at("label").get_to(one.label);
  from.at("implementation").get_to(one.implementation);
  from.at("origin").get_to(one.origin);
  from.at("state").get_to(one.state);
  one.status = status_of(from.at("status").get<std::string>());
  from.at("reason").get_to(one.reason);
  from.at("flop").get_to(one.flop);
  from.at("bytes").get_to(one.bytes);
  from.at("injected").get_to(one.injected);
  one.code_hash = from.value("code_hash", "");
  one.kernel = from.value("kernel", "");  // files from before there was one
  one.chosen_by = from.value("chosen_by", "");
  if (!from.at("verification").is_null()) one.verification = verification_from(from.at("verification"));
  for (const json& run : from.at("runs")) one.runs.push_back(process_run_from(run));
  return one;
}

/// The document's own part, or why this is no result of ours.
const json& own_part(const json& document, const std::string& where) {
  if (!document.is_object()) throw ResultError(fmt::format("'{}' is not a result: its JSON is no object", where));
  if (!document.contains("kernelgate")) {
    if (document.contains("kernelgate_baseline"))
      throw ResultError(fmt::format("'{}' is a baseline, not a result; only 'compare' takes one", where));
    if (document.contains("benchmarks"))
      throw ResultError(fmt::format(
          "'{}' is a plain Google Benchmark file, with no key 'kernelgate': it holds no samples and no environment; "
          "name a result of 'kernelgate run'",
          where));
    throw ResultError(
        fmt::format("'{}' is not a result: it has no key 'kernelgate'; name one of 'kernelgate run'", where));
  }
  const json& own = document.at("kernelgate");
  const json version = own.is_object() ? own.value("schema_version", json()) : json();
  if (version != result_schema_version)
    throw ResultError(
        fmt::format("'{}' has schema version {}, and this program reads {}; measure again, or use the "
                    "version that wrote it",
                    where, version.dump(), result_schema_version));
  return own;
}

}  // namespace

void require_possible(const CaseRun& run) {
  for (double control : run.control_s)
    if (!(control > 0)) throw ResultError(fmt::format("a control of {} s", control));
  if (!run.sm_clock_hz.empty() && run.sm_clock_hz.size() != run.samples_s.size())
    throw ResultError(fmt::format("{} samples but {} clocks", run.samples_s.size(), run.sm_clock_hz.size()));
  if (!run.processor_s.empty() && run.processor_s.size() != run.samples_s.size())
    throw ResultError(
        fmt::format("{} samples but {} times of the processor", run.samples_s.size(), run.processor_s.size()));
}

const char* to_string(CaseStatus status) { return status_names.at(static_cast<std::size_t>(status)); }

json to_json(const Result& result) {
  json cases = json::array();
  for (const CaseResult& one : result.cases) try {
      cases.push_back(case_json(one));
    } catch (const ResultError& error) {
      throw ResultError(one.name + ": " + error.what());
    }
  json controls = json::array();
  for (const ControlRun& one : result.controls)
    controls.push_back({{"name", one.name},
                        {"run", one.run},
                        {"first_s", one.first_s},
                        {"last_s", one.last_s},
                        {"flop", one.flop},
                        {"bytes", one.bytes}});
  const std::string executable = result.command.empty() ? "kernelgate" : result.command.front();
  return {{"context", result.context.is_object() ? result.context : host_context(result.started_utc, executable)},
          {"benchmarks", google_benchmarks(result)},
          {"kernelgate",
           {{"schema_version", result_schema_version},
            {"status", result.status},
            {"started_utc", result.started_utc},
            {"wall_s", result.wall_s},
            {"device_kind", result.device_kind},
            {"device", result.device},
            {"suite", result.suite},
            {"command", result.command},
            {"injection", result.injection},
            {"build", result.build},
            {"fingerprint", result.fingerprint},
            {"findings", result.findings},
            {"controls", controls},
            {"cases", cases}}}};
}

Result result_from_json(const json& document, const std::string& where) {
  const json& own = own_part(document, where);
  std::string at = "its head";
  try {
    Result result;
    own.at("status").get_to(result.status);
    own.at("started_utc").get_to(result.started_utc);
    own.at("wall_s").get_to(result.wall_s);
    own.at("device_kind").get_to(result.device_kind);
    own.at("device").get_to(result.device);
    own.at("suite").get_to(result.suite);
    own.at("command").get_to(result.command);
    own.at("injection").get_to(result.injection);
    result.build = own.at("build");
    result.fingerprint = own.at("fingerprint");
    result.findings = own.at("findings");
    result.context = document.value("context", json());
    std::set<std::string> names;
    const json& cases = own.at("cases");
    for (std::size_t i = 0; i < cases.size(); ++i) {
      at = fmt::format("case {}", i + 1);
      result.cases.push_back(case_from(cases.at(i)));
      if (!names.insert(result.cases.back().name).second)
        throw ResultError(fmt::format("'{}' is there twice", result.cases.back().name));
    }
    at = "its controls";
    if (own.contains("controls"))
      for (const json& one : own.at("controls")) result.controls.push_back(control_from(one));
    return result;
  } catch (const json::exception& error) {
    throw ResultError(fmt::format("'{}' is not a valid result: {}: {}", where, at, plain(error)));
  } catch (const ResultError& error) {
    throw ResultError(fmt::format("'{}' is not a valid result: {}: {}", where, at, error.what()));
  }
}

}  // namespace kernelgate

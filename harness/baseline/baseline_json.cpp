// The baseline's form on disk.

#include "harness/baseline/baseline_json.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "harness/base/utc_time.h"
#include "harness/baseline/baseline.h"
#include "harness/baseline/baseline_samples.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

bool same_runs(const std::vector<RunSummary>& a, const std::vector<RunSummary>& b) {
  return std::ranges::equal(a, b, [](const RunSummary& x, const RunSummary& y) {
    return x.night == y.night && x.boot == y.boot && x.median_s == y.median_s && x.q1_s == y.q1_s && x.q3_s == y.q3_s;
  });
}

ordered_json case_json(const BaselineCase& one) {
  const SideCase& m = one.measured;
  ordered_json out{{"name", m.name},
                   {"problem", m.problem},
                   {"implementation", m.implementation},
                   {"origin", m.origin},
                   {"state", m.state},
                   {"label", m.label},
                   {"flop", m.flop},
                   {"bytes", m.bytes},
                   {"code_hash", m.code_hash},
                   {"accepted_utc", one.accepted_utc},
                   {"commit", one.commit},
                   {"segment", one.segment},
                   {"nights", nights_to_json(m.runs)},
                   {"spread", spread_to_json(variance_components(m.runs))}};
  // Of another tool's cases alone.
  if (!m.figure.empty()) out["figure"] = m.figure;
  if (!m.by_mean.empty()) out["by_mean"] = nights_to_json(m.by_mean);
  if (one.carried) out["carried_spread"] = spread_to_json(*one.carried);
  // Left out where it is the runs themselves, as it is at first.
  if (one.anchor_segment != one.segment || !same_runs(one.anchor, m.runs))
    out["anchor"] = {{"segment", one.anchor_segment}, {"nights", nights_to_json(one.anchor)}};
  return out;
}

/// What is stored was worked out from the runs, and is worked out again: the runs alone are believed.
bool agrees(const VarianceComponents& stored, const VarianceComponents& found) {
  for (auto level : {&VarianceComponents::iteration, &VarianceComponents::run, &VarianceComponents::night,
                     &VarianceComponents::boot}) {
    const Component &a = stored.*level, &b = found.*level;
    if (std::fabs(a.sd - b.sd) > 1e-9 + 1e-6 * b.sd || std::fabs(a.df - b.df) > 1e-6 * (1 + b.df)) return false;
  }
  return true;
}

SideCase measured_from(const json& from, const std::string& op) {
  SideCase measured;
  measured.op = op;
  from.at("name").get_to(measured.name);
  from.at("problem").get_to(measured.problem);
  from.at("implementation").get_to(measured.implementation);
  from.at("origin").get_to(measured.origin);
  from.at("state").get_to(measured.state);
  from.at("label").get_to(measured.label);
  from.at("flop").get_to(measured.flop);
  from.at("bytes").get_to(measured.bytes);
  measured.code_hash = from.value("code_hash", "");
  measured.figure = from.value("figure", "");
  if (from.contains("by_mean")) measured.by_mean = nights_from(from.at("by_mean"));
  return measured;
}

/// Other tools may keep a single value of a run.
void require_samples(const BaselineCase& one, const std::string& source) {
  for (const auto* runs : {&one.measured.runs, &one.anchor, &one.measured.by_mean})
    for (const RunSummary& run : *runs)
      if (run.samples < (source == "kernelgate" ? min_samples_per_run : 1))
        throw ResultError(fmt::format("a run that can't be: of {} samples", run.samples));
}

/// Schema 1: a list of runs, of which neither night nor boot is known. They are one night, and the only segment.
BaselineCase old_case_from(const json& from, const Baseline& file) {
  BaselineCase one;
  one.measured = measured_from(from, file.op);
  from.at("accepted_utc").get_to(one.accepted_utc);
  from.at("commit").get_to(one.commit);
  for (const json& run : from.at("runs")) one.measured.runs.push_back(run_from(run));
  if (one.measured.runs.empty()) throw ResultError("it has no runs");
  require_samples(one, file.source);
  one.segment = one.anchor_segment = file.segments.front().id;
  one.anchor = one.measured.runs;
  return one;
}

BaselineCase case_from(const json& from, Baseline& file) {
  BaselineCase one;
  one.measured = measured_from(from, file.op);
  from.at("accepted_utc").get_to(one.accepted_utc);
  from.at("commit").get_to(one.commit);
  from.at("segment").get_to(one.segment);
  one.measured.runs = nights_from(from.at("nights"));
  one.anchor = one.measured.runs;
  one.anchor_segment = one.segment;
  if (from.contains("anchor")) {
    from.at("anchor").at("segment").get_to(one.anchor_segment);
    one.anchor = nights_from(from.at("anchor").at("nights"));
  }
  if (from.contains("carried_spread")) one.carried = spread_from(from.at("carried_spread"));
  require_samples(one, file.source);
  for (const std::string& id : {one.segment, one.anchor_segment})
    if (std::ranges::find(file.segments, id, &Segment::id) == file.segments.end())
      throw ResultError(fmt::format("its segment '{}' is not among the segments", id));
  if (!agrees(spread_from(from.at("spread")), variance_components(one.measured.runs)))
    file.notes.push_back(
        fmt::format("{}: the stored spread is not that of its runs; the runs are believed", one.measured.name));
  return one;
}

std::string text_or_empty(const json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }

void read_common_head(const json& header, Baseline& baseline) {
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
}

void read_old_head(Baseline& baseline) {
  baseline.id = "schema-1";
  const std::string commit = baseline.build.is_object() ? text_or_empty(baseline.build.value("commit", json())) : "";
  baseline.segments = {{"s1", baseline.accepted_utc, baseline.reason, baseline.accepted_by, commit}};
  baseline.expires_utc = days_later(baseline.accepted_utc, baseline_expiry_days);
  baseline.notes.push_back("schema 1, read as one night of which the boot is not known");
}

void read_head(const json& header, Baseline& baseline) {
  header.at("id").get_to(baseline.id);
  baseline.parent = text_or_empty(header.at("parent"));
  baseline.expires_utc = text_or_empty(header.at("expires_utc"));
  baseline.extended_utc = text_or_empty(header.at("extended_utc"));
  baseline.source = header.value("source", "kernelgate");
  if (const json& archived = header.at("archived_build"); !archived.is_null())
    baseline.archived = {archived.at("path"), archived.at("commit")};
  if (const json& samples = header.at("samples"); !samples.is_null()) {
    baseline.samples = {samples.at("file"), samples.at("bytes"), samples.at("crc32"), samples.at("runs")};
    if (!is_samples_file_of(baseline.op, baseline.samples->file))
      throw ResultError(
          fmt::format("its samples are '{}', not '{}'", baseline.samples->file, samples_file_name(baseline.op)));
  }
  for (const json& one : header.at("segments"))
    baseline.segments.push_back(
        {one.at("id"), one.at("started_utc"), one.at("reason"), one.at("accepted_by"), one.at("commit")});
  if (baseline.segments.empty()) throw ResultError("it has no segments");
  for (const json& one : header.at("controls"))
    baseline.controls.push_back({one.at("name"), one.at("first_s"), one.at("last_s"), one.at("night")});
}

ordered_json text_or_null(const std::string& text) { return text.empty() ? ordered_json() : ordered_json(text); }

}  // namespace

ordered_json baseline_to_json(const Baseline& baseline) {
  ordered_json cases = ordered_json::array(), segments = ordered_json::array(), controls = ordered_json::array();
  for (const BaselineCase& one : baseline.cases) cases.push_back(case_json(one));
  for (const Segment& one : baseline.segments)
    segments.push_back({{"id", one.id},
                        {"started_utc", one.started_utc},
                        {"reason", one.reason},
                        {"accepted_by", one.accepted_by},
                        {"commit", one.commit}});
  for (const ControlSummary& one : baseline.controls)
    controls.push_back({{"name", one.name}, {"first_s", one.first_s}, {"last_s", one.last_s}, {"night", one.night}});
  ordered_json archived, samples;
  if (baseline.archived) archived = {{"path", baseline.archived->path}, {"commit", baseline.archived->commit}};
  if (baseline.samples)
    samples = {{"file", baseline.samples->file},
               {"bytes", baseline.samples->bytes},
               {"crc32", baseline.samples->crc32},
               {"runs", baseline.samples->runs}};
  return {{"kernelgate_baseline",
           {{"schema_version", baseline_schema_version},
            {"id", baseline.id},
            {"parent", text_or_null(baseline.parent)},
            {"device", baseline.device},
            {"device_kind", baseline.device_kind},
            {"op", baseline.op},
            {"suite", baseline.suite},
            {"suite_version", suite_version(baseline)},
            {"accepted_utc", baseline.accepted_utc},
            {"accepted_by", baseline.accepted_by},
            {"reason", baseline.reason},
            {"expires_utc", text_or_null(baseline.expires_utc)},
            {"extended_utc", text_or_null(baseline.extended_utc)},
            {"dirty", baseline.dirty},
            {"archived_build", std::move(archived)},
            {"source", baseline.source},
            {"samples", std::move(samples)},
            {"build", baseline.build},
            {"fingerprint", baseline.fingerprint},
            {"segments", std::move(segments)},
            {"controls", std::move(controls)}}},
          {"cases", std::move(cases)}};
}

Baseline baseline_from_json(const json& document, const std::string& where) {
  if (!document.is_object() || !document.contains("kernelgate_baseline"))
    throw ResultError(fmt::format("'{}' is not a baseline; 'kernelgate baseline accept' writes one", where));
  const json& header = document.at("kernelgate_baseline");
  const json version = header.is_object() ? header.value("schema_version", json()) : json();
  if (version != baseline_schema_version && version != 1)
    throw ResultError(
        fmt::format("'{}' has baseline schema version {}, and this program reads 1 and {}; accept a new result", where,
                    version.dump(), baseline_schema_version));
  std::string at = "its head";
  try {
    Baseline baseline;
    read_common_head(header, baseline);
    if (version == 1)
      read_old_head(baseline);
    else
      read_head(header, baseline);
    std::set<std::string> names;
    for (const json& one : document.at("cases")) {
      at = fmt::format("case {}", names.size() + 1);
      baseline.cases.push_back(version == 1 ? old_case_from(one, baseline) : case_from(one, baseline));
      const std::string& name = baseline.cases.back().measured.name;
      if (!names.insert(name).second) throw ResultError(fmt::format("'{}' is there twice", name));
    }
    if (version != 1 && text_or_empty(header.at("suite_version")) != suite_version(baseline))
      baseline.notes.push_back("its cases are not those that it was written with (suite_version)");
    return baseline;
  } catch (const json::exception& error) {
    throw ResultError(fmt::format("'{}' is not a valid baseline: {}: {}", where, at, error.what()));
  } catch (const ResultError& error) {
    throw ResultError(fmt::format("'{}' is not a valid baseline: {}: {}", where, at, error.what()));
  }
}

}  // namespace kernelgate

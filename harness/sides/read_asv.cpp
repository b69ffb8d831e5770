// asv's results (results/<machine>/<commit>-<environment>.json): one file a commit and environment. Version 2 keeps
// rows whose columns `result_columns` names; version 1 keeps a value, or an object of result, params and stats. Times
// are in seconds; what is called track_, mem_ or peakmem_ is no time. Source: asv's dev documentation, "File formats"
// (asv.readthedocs.io, 0.6).

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "harness/sides/foreign.h"
#include "harness/sides/foreign_run.h"
#include "harness/sides/foreign_time.h"

namespace kernelgate {
namespace {

using nlohmann::json;
constexpr std::string_view asv = "asv";

/// "benchmarks.DDot.time_ddot" measures time; so does timeraw_, in a process of its own each time.
bool measures_time(const std::string& name) {
  const std::string last = name.substr(name.rfind('.') + 1);
  return last.starts_with("time_") || last.starts_with("timeraw_") || last.starts_with("Time");
}

/// What one row says, whichever version wrote it. Lists are one value a combination of parameters.
struct AsvRow {
  json values, params, q25, q75, number, repeat;
};

json column(const json& row, const json& columns, const char* name) {
  const auto found = std::ranges::find(columns, json(name));
  const auto at = static_cast<std::size_t>(found - columns.begin());
  return row.is_array() && at < row.size() ? row.at(at) : json();
}

AsvRow asv_row(const json& from, const json& columns) {
  if (from.is_array() && columns.is_array())
    return {column(from, columns, "result"),       column(from, columns, "params"),
            column(from, columns, "stats_q_25"),   column(from, columns, "stats_q_75"),
            column(from, columns, "stats_number"), column(from, columns, "stats_repeat")};
  if (!from.is_object()) return {from, json(), json(), json(), json(), json()};
  AsvRow row{
      from.value("result", json()), from.value("params", json()), json::array(), json::array(), json(), json::array()};
  for (const json& stats : from.value("stats", json::array())) {
    const auto field = [&](const char* name) { return stats.is_object() ? stats.value(name, json()) : json(); };
    row.q25.push_back(field("q_25"));
    row.q75.push_back(field("q_75"));
    row.repeat.push_back(field("repeat"));
  }
  return row;
}

/// Of a list by combination, of which one that is alone may be no list.
json entry_at(const json& list, std::size_t at) {
  if (!list.is_array()) return at == 0 ? list : json();
  return at < list.size() ? list.at(at) : json();
}

/// "(100, 'F')": of the cartesian product, the last parameter first.
std::string combination(const json& params, std::size_t at) {
  if (!params.is_array() || params.empty()) return {};
  std::string text;
  for (std::size_t i = params.size(); i-- > 0;) {
    const json& values = params.at(i);
    if (!values.is_array() || values.empty()) return fmt::format("({})", at);
    const json& value = values.at(at % values.size());
    at /= values.size();
    const std::string shown = value.is_string() ? value.get<std::string>() : value.dump();
    text = text.empty() ? shown : shown + ", " + text;
  }
  return "(" + text + ")";
}

SideCase asv_case(const std::string& name, const AsvRow& row, std::size_t at) {
  SideCase one;
  one.name = name + combination(row.params, at);
  one.op = name;
  const json value = entry_at(row.values, at);
  const auto fail = [&](CaseStatus status, std::string reason) {
    one.status = status;
    one.reason = std::move(reason);
    return one;
  };
  if (value.is_null()) return fail(CaseStatus::skipped, "it failed, or was skipped");
  const double seconds = value.is_number() ? value.get<double>() : NAN;
  if (std::isnan(seconds) && value.is_number()) return fail(CaseStatus::skipped, "it was skipped (NaN)");
  if (!(std::isfinite(seconds) && seconds >= shortest_cycle_s))
    return fail(CaseStatus::invalid, fmt::format("its result is {}, which is no time", shown_json(value)));
  const json q25 = entry_at(row.q25, at), q75 = entry_at(row.q75, at), repeat = entry_at(row.repeat, at);
  const double repeats = repeat.is_number() ? repeat.get<double>() : 1;
  const std::size_t samples = repeats >= 1 && repeats < 1e9 ? static_cast<std::size_t>(repeats) : 1;
  const bool ordered = q25.is_number() && q75.is_number() && q25.get<double>() > 0 && q25.get<double>() <= seconds &&
                       seconds <= q75.get<double>() && std::isfinite(q75.get<double>());
  RunSummary run =
      ordered ? run_of_quartiles(q25.get<double>(), seconds, q75.get<double>(), samples) : run_of_samples({seconds});
  one.remedy = thin_run_note(run, "more repeats, or several runs of each build");
  one.runs.push_back(std::move(run));
  return one;
}

std::string machine_of(const json& params) {
  std::string machine;
  const json name = params.is_object() ? params.value("machine", json()) : json();
  for (char c : name.is_string() ? name.get<std::string>() : std::string("unknown"))
    machine += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ? c : '_';
  return machine;
}

Side read_asv(const json& document, const std::filesystem::path&, const std::string&) {
  const json& results = document.at("results");
  if (!results.is_object()) throw ResultError(fmt::format("its results are {}, not an object", shown_json(results)));
  const json params = document.value("params", json::object()), columns = document.value("result_columns", json());
  Side side;
  side.device_kind = "cpu";
  side.device = "cpu_" + machine_of(params);
  side.started_utc = utc_of_foreign(document.value("date", json()));
  const json& commit = document.at("commit_hash");
  const json environment = document.value("env_name", json());
  side.build = {{"commit", commit.is_string() ? commit.get<std::string>() : std::string()}};
  json identity{{"kind", "cpu"}, {"metric", "result"}, {"env_name", environment}};
  for (const char* name : {"cpu", "num_cpu", "ram", "os", "arch"})
    identity[name] = params.is_object() && params.contains(name) ? params.at(name) : not_recorded(asv);
  side.fingerprint = {{"identity", identity}, {"covariates", json::object()}, {"informational", {{"params", params}}}};
  for (const auto& [name, from] : results.items()) {
    const AsvRow row = asv_row(from, columns);
    const std::size_t count = row.values.is_array() ? row.values.size() : 1;
    for (std::size_t at = 0; at < count; ++at) {
      side.cases.push_back(asv_case(name, row, at));
      if (measures_time(name)) continue;
      side.cases.back().status = CaseStatus::skipped;
      side.cases.back().reason = "asv tracks it, and it is no time";
      side.cases.back().runs.clear();
    }
  }
  side.description = fmt::format("asv, {} benchmarks on {}, commit {}, {}", side.cases.size(), side.device,
                                 side.build.at("commit").get<std::string>(), side.started_utc);
  return side;
}

bool is_asv(const json& document) {
  return document.is_object() && document.contains("commit_hash") && document.contains("results") &&
         (document.contains("env_name") || document.contains("params") || document.contains("python"));
}

const RegisterForeignFormat asv_registered{{asv, {"result"}, is_asv, read_asv}};

}  // namespace
}  // namespace kernelgate

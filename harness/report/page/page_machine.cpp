// What the page says of the machine: its ceilings, its controls, its environment beside the base's, the findings.

#include <algorithm>
#include <set>

#include "harness/base/printable.h"
#include "harness/report/page/page_data.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

using nlohmann::json;

std::string fact_text(const json& fact) {
  if (fact.is_object() && fact.contains("value") && fact["value"].is_null())
    return "unknown: " +
           (fact.contains("reason") && fact["reason"].is_string() ? fact["reason"].get<std::string>() : "");
  return one_line(fact.is_string() ? fact.get<std::string>()
                                   : fact.dump(-1, ' ', false, json::error_handler_t::replace));
}

/// What each control's fastest launch came to: nothing of its kind was seen to be quicker.
void add_ceilings(CompactJson& out, const Result* measured) {
  out.key("ceilings");
  out.open('[');
  std::set<std::string> done;
  static const std::vector<ControlRun> none;
  for (const ControlRun& one : measured != nullptr ? measured->controls : none) {
    if (!(one.flop > 0 || one.bytes > 0) || !done.insert(one.name).second) continue;
    double best_s = 0;
    for (const ControlRun& run : measured->controls)
      if (run.name == one.name && run.flop == one.flop && run.bytes == one.bytes)
        for (const auto* times : {&run.first_s, &run.last_s})
          for (double time : *times) best_s = best_s == 0 ? time : std::min(best_s, time);
    if (!(best_s > 0)) continue;
    out.open('[');
    out.text(one.name);
    out.number(one.flop > 0 ? one.flop / best_s : 0);
    out.number(one.bytes > 0 ? one.bytes / best_s : 0);
    out.close(']');
  }
  out.close(']');
}

void add_controls(CompactJson& out, const Comparison* comparison) {
  out.key("controls");
  out.open('[');
  static const std::vector<ControlMove> none;
  for (const ControlMove& one : comparison != nullptr ? comparison->controls : none) {
    out.open('[');
    out.text(one.name);
    out.number(one.ratio);
    out.number(one.drift_ratio);
    out.whole(one.moved || one.drifted ? 1 : 0);
    out.close(']');
  }
  out.close(']');
}

json part_of(const Side* side, const char* group) {
  if (side == nullptr || !side->fingerprint.is_object() || !side->fingerprint.contains(group)) return json::object();
  const json& part = side->fingerprint[group];
  return part.is_object() ? part : json::object();
}

void add_row(CompactJson& out, const char* group, const std::string& key, const std::optional<std::string>& base,
             const std::optional<std::string>& fresh, bool both) {
  out.open('[');
  out.text(group);
  out.text(one_line(key));
  base ? out.text(*base) : out.null();
  fresh ? out.text(*fresh) : out.null();
  out.whole(both && base && fresh && *base != *fresh ? 1 : 0);
  out.close(']');
}

/// Objects of a fingerprint and of the build, key by key, of both sides.
void add_group(CompactJson& out, const char* group, const json& base, const json& fresh, bool both) {
  std::set<std::string> keys;
  for (const json* part : {&base, &fresh})
    if (part->is_object())
      for (const auto& [key, value] : part->items()) keys.insert(key);
  const auto text = [](const json& part, const std::string& key) {
    return part.is_object() && part.contains(key) ? std::optional(fact_text(part[key])) : std::nullopt;
  };
  for (const std::string& key : keys) add_row(out, group, key, text(base, key), text(fresh, key), both);
}

void add_environment(CompactJson& out, const Side* base, const Side* fresh) {
  const bool both = base != nullptr && fresh != nullptr && !base->cases.empty();
  const Side* const old = both ? base : nullptr;
  out.key("both_sides");
  out.whole(both ? 1 : 0);
  out.key("environment");
  out.open('[');
  for (const char* group : {"identity", "covariates", "informational"})
    add_group(out, group, part_of(old, group), part_of(fresh, group), both);
  add_group(out, "build", old != nullptr ? old->build : json(), fresh != nullptr ? fresh->build : json(), both);
  out.close(']');
}

void add_findings(CompactJson& out, const Result* measured) {
  const auto word = [](const json& finding, const char* key) {
    return finding.contains(key) && finding[key].is_string() ? one_line(finding[key].get<std::string>()) : "";
  };
  out.key("findings");
  out.open('[');
  if (measured != nullptr && measured->findings.is_array())
    for (const json& finding : measured->findings) {
      if (!finding.is_object()) continue;
      out.texts({word(finding, "severity"), word(finding, "id"), word(finding, "summary")});
    }
  out.close(']');
}

/// When each process run began, and in which start of the system.
void add_processes(CompactJson& out, const char* name, const Result* result) {
  out.key(name);
  out.open('[');
  std::set<int> done;
  static const std::vector<CaseResult> none;
  for (const CaseResult& one : result != nullptr ? result->cases : none)
    for (const CaseRun& run : one.runs)
      if (done.insert(run.run).second) {
        out.open('[');
        out.whole(run.run);
        out.text(run.started_utc);
        out.text(run.boot_id);
        out.close(']');
      }
  out.close(']');
}

}  // namespace

void add_machine(CompactJson& out, const Report& report) {
  const Result* const measured = report.measured();
  add_ceilings(out, measured);
  add_controls(out, report.comparison);
  add_environment(out, report.sources.base, report.sources.fresh);
  add_findings(out, measured);
  add_processes(out, "processes", measured);
  add_processes(out, "base_processes", report.sources.base_result);
}

}  // namespace kernelgate

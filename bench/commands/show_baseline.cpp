#include "bench/commands/show_baseline.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "harness/base/quantity.h"
#include "harness/baseline/baseline_noise.h"
#include "harness/baseline/baseline_path.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

using nlohmann::json;

std::size_t fewest_runs(const Baseline& baseline) {
  std::size_t runs = baseline.cases.empty() ? 0 : std::numeric_limits<std::size_t>::max();
  for (const BaselineCase& one : baseline.cases) runs = std::min(runs, one.measured.runs.size());
  return runs;
}

/// Fewest over the cases.
VarianceComponents fewest(const Baseline& baseline) {
  VarianceComponents least;
  bool first = true;
  for (const BaselineCase& one : baseline.cases) {
    const VarianceComponents own = variance_components(one.measured.runs);
    least.nights = first ? own.nights : std::min(least.nights, own.nights);
    least.boots = first ? own.boots : std::min(least.boots, own.boots);
    first = false;
  }
  return least;
}

std::string component(const char* name, const Component& one) {
  return one.df > 0 ? fmt::format("{} {:.2f} % ({:.0f})", name, 100 * one.sd, one.df) : fmt::format("{} ?", name);
}

std::string field(const json& from, const char* name) {
  return from.is_object() && from.contains(name) && from.at(name).is_string() ? from.at(name).get<std::string>() : "";
}

std::string case_lines(const BaselineCase& one, const CaseNoise& noise) {
  const SideCase& m = one.measured;
  const double typical = median_s(m.runs);
  const VarianceComponents own = variance_components(m.runs);
  std::string text = fmt::format(
      "    {:64} {:>10} {:>14}  {} runs, {} nights, {} boots, segment {}, anchor {} of {} nights ({:+.1f} % since){}\n",
      m.name, show_seconds(typical), show_throughput(m.flop, m.bytes, typical), own.runs, own.nights, own.boots,
      one.segment, one.anchor_segment, night_means(one.anchor).size(), 100 * std::expm1(since_anchor(one)),
      provisional(one) ? ", provisional" : "");
  text += fmt::format("      sd (df): {}, {}, {}, {}; {}; finds {}{}{}\n", component("sample", noise.spread.iteration),
                      component("run", noise.spread.run), component("night", noise.spread.night),
                      component("boot", noise.spread.boot), to_string(noise.grade),
                      show_finds(std::exp(noise.detectable)), noise.declared ? " by the declared noise" : "",
                      noise.lag1 ? fmt::format("; nights' lag-1 {:+.2f}", *noise.lag1) : "");
  if (!noise.warning.empty()) text += fmt::format("      WARNING: {}\n", noise.warning);
  return text;
}

json component_json(const Component& one) { return {{"sd", one.df > 0 ? json(one.sd) : json()}, {"df", one.df}}; }

json noise_json(const Baseline& baseline) {
  json rows = json::array();
  const std::vector<CaseNoise> noise = noise_of(baseline);
  for (std::size_t i = 0; i < noise.size(); ++i) {
    const BaselineCase& one = baseline.cases[i];
    const CaseNoise& known = noise[i];
    rows.push_back({{"name", one.measured.name},
                    {"segment", one.segment},
                    {"runs", known.spread.runs},
                    {"nights", known.spread.nights},
                    {"boots", known.spread.boots},
                    {"anchor_nights", night_means(one.anchor).size()},
                    {"since_anchor_ratio", std::exp(since_anchor(one))},
                    {"provisional", provisional(one)},
                    {"sample", component_json(known.spread.iteration)},
                    {"run", component_json(known.spread.run)},
                    {"night", component_json(known.spread.night)},
                    {"boot", component_json(known.spread.boot)},
                    {"detectable_ratio", std::exp(known.detectable)},
                    {"by_declared_noise", known.declared},
                    {"grade", to_string(known.grade)},
                    {"lag1", known.lag1 ? json(*known.lag1) : json()},
                    {"warning", known.warning}});
  }
  return rows;
}

std::string build_lines(const Baseline& baseline) {
  const std::string recipe = rebuild_recipe(baseline.build);
  if (baseline.archived)
    return fmt::format("  archived build: {} (commit {})\n", baseline.archived->path, baseline.archived->commit);
  if (baseline.dirty || recipe.empty())
    return "  archived build: none, and it can't be built again: its sources were not committed\n";
  return fmt::format("  archived build: none; to build it again: {}\n", recipe);
}

}  // namespace

std::string rebuild_recipe(const json& build) {
  const std::string commit = field(build, "commit");
  if (commit.empty() || commit == "unknown" || (build.contains("dirty") && build.at("dirty") != false)) return {};
  const std::string nvcc = field(build, "nvcc"), type = field(build, "build_type");
  std::string archs = field(build, "architectures");
  std::ranges::replace(archs, ',', ';');
  std::string recipe = fmt::format(
      "git worktree add ../kernelgate-{0} {0} && cd ../kernelgate-{0} && cmake -S . -B build -G Ninja "
      "-DCMAKE_BUILD_TYPE={1} -DKERNELGATE_TESTS=OFF",
      commit, type.empty() ? "Release" : type);
  recipe += nvcc.empty() ? " -DKERNELGATE_CUDA=OFF" : fmt::format(" '-DKERNELGATE_CUDA_ARCHS={}'", archs);
  recipe += " && cmake --build build --target kernelgate";
  recipe += fmt::format("  (with {}{})", field(build, "compiler").empty() ? "?" : field(build, "compiler"),
                        nvcc.empty() ? "" : ", nvcc " + nvcc);
  return recipe;
}

std::string list_line(const Baseline& one, const std::string& now_utc) {
  const Provisional state = provisional(one);
  const bool expired = side_of(one, now_utc).expired;
  const std::string gpu = device_identity(one.fingerprint);
  return fmt::format("{:32} {:8} {}{:4} cases, {} runs or more, {} by {}: {}{}{}{}", one.device, one.op,
                     gpu.empty() ? "" : gpu + " ", one.cases.size(), fewest_runs(one), one.accepted_utc,
                     one.accepted_by, one.reason, state.is ? fmt::format(" (provisional: {})", state.text) : "",
                     expired ? " (EXPIRED)" : "", one.dirty ? " (DIRTY build)" : "");
}

json list_json(const Baseline& one, const std::string& now_utc) {
  const VarianceComponents least = fewest(one);
  const auto or_null = [](const std::string& text) { return text.empty() ? json() : json(text); };
  json segments = json::array();
  for (const Segment& segment : one.segments)
    segments.push_back({{"id", segment.id}, {"started_utc", segment.started_utc}, {"reason", segment.reason}});
  return {{"device", one.device},
          {"gpu_uuid", or_null(device_identity(one.fingerprint))},
          {"op", one.op},
          {"id", one.id},
          {"parent", or_null(one.parent)},
          {"cases", one.cases.size()},
          {"fewest_runs", fewest_runs(one)},
          {"fewest_nights", least.nights},
          {"fewest_boots", least.boots},
          {"provisional", provisional(one).is},
          {"accepted_utc", one.accepted_utc},
          {"accepted_by", one.accepted_by},
          {"reason", one.reason},
          {"expires_utc", or_null(one.expires_utc)},
          {"expired", side_of(one, now_utc).expired},
          {"extended_utc", or_null(one.extended_utc)},
          {"segments", std::move(segments)},
          {"archived_build", one.archived ? json(one.archived->path) : json()},
          {"rebuild", or_null(rebuild_recipe(one.build))},
          {"noise", noise_json(one)},
          {"dirty", one.dirty}};
}

json show_json(const Baseline& one, const std::string& now_utc, const std::string& samples_trouble) {
  json row = list_json(one, now_utc);
  row["file"] = one.path.string();
  row["fingerprint"] = one.fingerprint;
  row["build"] = one.build;
  row["notes"] = side_of(one, now_utc).notes;
  row["samples_trouble"] = samples_trouble.empty() ? json() : json(samples_trouble);
  json cases = json::array();
  for (const BaselineCase& known : one.cases) {
    json runs = json::array();
    for (const RunSummary& run : known.measured.runs)
      runs.push_back({{"median_s", run.median_s},
                      {"q1_s", run.q1_s},
                      {"q3_s", run.q3_s},
                      {"samples", run.samples},
                      {"night", run.night},
                      {"boot", run.boot}});
    cases.push_back({{"name", known.measured.name},
                     {"flop", known.measured.flop},
                     {"bytes", known.measured.bytes},
                     {"code_hash", known.measured.code_hash},
                     {"accepted_utc", known.accepted_utc},
                     {"commit", known.commit},
                     {"median_s", median_s(known.measured.runs)},
                     {"runs", std::move(runs)}});
  }
  row["cases"] = std::move(cases);
  return row;
}

std::string show_text(const Baseline& baseline, const std::string& now_utc, const std::string& samples_trouble) {
  const Side side = side_of(baseline, now_utc);
  std::string text =
      fmt::format("{}\n  reason: {}\n  id: {}, parent: {}; expires {}; last night added: {}\n", side.description,
                  baseline.reason, baseline.id, baseline.parent.empty() ? "none" : baseline.parent,
                  baseline.expires_utc.empty() ? "never" : baseline.expires_utc,
                  baseline.extended_utc.empty() ? "none since" : baseline.extended_utc);
  for (const std::string& note : side.notes) text += fmt::format("  NOTE: {}\n", note);
  text += build_lines(baseline);
  text += samples_trouble.empty()
              ? fmt::format("  raw samples: {}, {} runs, {:.2f} MB\n", baseline.samples->file, baseline.samples->runs,
                            static_cast<double>(baseline.samples->bytes) / 1e6)
              : fmt::format("  raw samples: {}\n", samples_trouble);
  for (const Segment& one : baseline.segments)
    text += fmt::format("  segment {}: since {}, commit {}, by {}: {}\n", one.id, one.started_utc, one.commit,
                        one.accepted_by, one.reason);
  const json identity = baseline.fingerprint.is_object() ? baseline.fingerprint.value("identity", json()) : json();
  for (const auto& [name, value] : identity.items())
    if (!value.is_object())
      text += fmt::format("  {}: {}\n", name, value.is_string() ? value.get<std::string>() : value.dump());
  const std::vector<CaseNoise> noise = noise_of(baseline);
  for (std::size_t i = 0; i < baseline.cases.size(); ++i) text += case_lines(baseline.cases[i], noise[i]);
  return text;
}

}  // namespace kernelgate

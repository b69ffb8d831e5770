#include "harness/judge/compare/environment_shift.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/quantity.h"
#include "harness/judge/compare/compare.h"
#include "harness/judge/compare/control_tests.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

/// What a control points at when it moves.
const char* suspects(const std::string& device_kind, const std::string& name) {
  struct Row {
    const char *name, *cuda, *cpu;
  };
  static constexpr std::array rows{
      Row{"alu", "the SM clock", "the core's clock, or a neighbour on its sibling thread"},
      Row{"tensor_core", "the SM clock, power cap or heat", "the cores' clocks, or neighbours on them"},
      Row{"dram_copy", "memory clock or ECC", "memory bandwidth: a neighbour, or another memory speed"},
      Row{"launch", "driver, or the host's cores and PCIe link", "the scheduler, or neighbours on the cores"}};
  for (const Row& row : rows)
    if (name == row.name) return device_kind == "cuda" ? row.cuda : row.cpu;
  return "not known";
}

/// Which controls one side has and the other lacks.
std::string unknown_controls(const std::map<std::string, ControlLevels>& base,
                             const std::map<std::string, ControlLevels>& fresh) {
  std::vector<std::string> in_base, in_fresh;
  for (const auto& [name, levels] : fresh)
    if (!base.contains(name)) in_base.push_back(name);
  for (const auto& [name, levels] : base)
    if (!fresh.contains(name)) in_fresh.push_back(name);
  const auto said = [](const std::vector<std::string>& missing, const char* side) {
    return missing.empty() ? "" : fmt::format("the {} lacks {}", side, fmt::join(missing, ", "));
  };
  const std::string of_base = said(in_base, "base"), of_fresh = said(in_fresh, "new side");
  if (of_base.empty() && of_fresh.empty()) return {};
  return fmt::format("{}{}{}: whether the machine is the same is not known by them", of_base,
                     of_base.empty() || of_fresh.empty() ? "" : ", ", of_fresh);
}

bool beyond(const ControlChange& change) {
  return std::fabs(change.difference) > std::max(change.noise, std::log1p(control_shift));
}

}  // namespace

EnvironmentShift environment_shift(const Side& base, const Side& fresh, const std::vector<CaseVerdict>& cases) {
  const bool by_night = has_several_nights(base) || has_several_nights(fresh);
  const auto before = control_levels(base, by_night), now = control_levels(fresh, by_night);
  EnvironmentShift shift;
  if (!base.cases.empty() && !fresh.cases.empty()) shift.unknown = unknown_controls(before, now);
  const auto known = std::ranges::count_if(now, [&](const auto& entry) { return before.contains(entry.first); });
  ControlTests tests(control_error_rate / (2.0 * static_cast<double>(std::max<std::ptrdiff_t>(known, 1))));
  std::vector<std::string> said;
  const auto note = [&](const ControlChange& change, const std::string& name, const char* when) {
    if (!beyond(change)) return false;
    EnvironmentShift::Most& most = change.difference > 0 ? shift.slower : shift.faster;
    if (std::fabs(change.difference) > std::fabs(most.change)) most = {name, change.difference};
    said.push_back(
        fmt::format("{} {}{}: {}", name, show_log_change(change.difference), when, suspects(fresh.device_kind, name)));
    return true;
  };
  for (const auto& [name, levels] : now) {
    const auto found = before.find(name);
    if (found == before.end()) continue;
    const double prior = control_prior(fresh.device_kind, name);
    const ControlChange level = tests.level(found->second, levels, prior);
    const ControlChange drift = tests.drift(found->second, levels);
    ControlMove move{name, std::exp(level.difference), std::exp(drift.difference)};
    move.moved = note(level, name, "");
    move.drifted = note(drift, name, " from first to last, against the base");
    shift.controls.push_back(std::move(move));
  }
  if (std::string beside = environment_shift(cases); !beside.empty()) said.push_back(std::move(beside));
  shift.text = fmt::format("{}", fmt::join(said, "; "));
  return shift;
}

std::string environment_shift(const std::vector<CaseVerdict>& cases) {
  std::size_t known = 0;
  std::vector<double> up, down;
  for (const CaseVerdict& one : cases) {
    if (!one.control_ratio) continue;
    ++known;
    const double move = std::log(*one.control_ratio);
    if (move > std::log1p(control_shift)) up.push_back(move);
    if (move < -std::log1p(control_shift)) down.push_back(move);
  }
  const bool slower = up.size() >= down.size();
  const std::vector<double>& most = slower ? up : down;
  if (most.empty() || 2 * most.size() < known) return {};
  return fmt::format(
      "the control, a fixed work measured beside the cases, took {} (median of {} of {} cases): the machine was "
      "{}; measure both again when it is quiet",
      show_log_change(median(most)), most.size(), known, slower ? "slower" : "faster");
}

void attribute_to(const EnvironmentShift& shift, bool nothing_declared, std::vector<CaseVerdict>& cases) {
  for (CaseVerdict& one : cases) {
    const bool slower = one.verdict == Verdict::slower;
    if ((!slower && one.verdict != Verdict::faster) || one.attribution == "injected") continue;
    const EnvironmentShift::Most& most = slower ? shift.slower : shift.faster;
    if (most.name.empty()) continue;
    one.attribution = "environment";
    one.machine = slower && nothing_declared;
    one.reason += fmt::format("; the control kernel {} took {} too", most.name, show_log_change(most.change));
    if (one.machine) one.reason += ": the machine moved; measure again";
  }
}

}  // namespace kernelgate

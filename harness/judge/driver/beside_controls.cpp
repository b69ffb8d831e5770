#include "harness/judge/driver/beside_controls.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "harness/base/quantity.h"
#include "harness/judge/compare/control_tests.h"
#include "harness/judge/compare/environment_shift.h"
#include "harness/judge/compare/units.h"

namespace kernelgate {
namespace {

constexpr std::array the_gpus_own{"alu", "tensor_core", "dram_copy"};

/// Of each boot of a side, by its id: the mean over these controls of their levels.
std::map<std::string, double> boot_levels(const Side& side, const std::set<std::string>& names) {
  std::map<std::string, std::map<std::string, std::vector<double>>> seen;  // by boot, by control
  for (const ControlSummary& one : side.controls)
    if (names.contains(one.name) && one.first_s > 0 && one.last_s > 0)
      seen[one.night][one.name].push_back((std::log(one.first_s) + std::log(one.last_s)) / 2);
  std::map<std::string, double> levels;
  for (const auto& [boot, controls] : seen) {
    double sum = 0;
    for (const auto& [name, values] : controls)
      sum += std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    if (controls.size() == names.size()) levels[boot] = sum / static_cast<double>(names.size());
  }
  return levels;
}

/// Those that both sides have.
std::set<std::string> common_controls(const Side& base, const Side& fresh) {
  std::set<std::string> common;
  for (const char* name : the_gpus_own) {
    const auto has = [name](const Side& side) {
      return std::ranges::any_of(side.controls, [name](const ControlSummary& one) { return one.name == name; });
    };
    if (has(base) && has(fresh)) common.insert(name);
  }
  return common;
}

/// Faster or slower by what its boot's controls were; clocks are left so that cycles are as they were measured.
void take_off(Side& side, const std::map<std::string, double>& levels, double middle) {
  for (SideCase& one : side.cases)
    for (RunSummary& run : one.runs) {
      const double factor = std::exp(middle - levels.at(run.boot));
      for (double* time : {&run.median_s, &run.q1_s, &run.q3_s}) *time *= factor;
      if (run.clock_hz) *run.clock_hz /= factor;
      if (run.processor)
        for (double* time : {&run.processor->median_s, &run.processor->q1_s, &run.processor->q3_s}) *time *= factor;
    }
}

bool knows_all_boots(const Side& side, const std::map<std::string, double>& levels) {
  for (const SideCase& one : side.cases)
    for (const RunSummary& run : one.runs)
      if (!levels.contains(run.boot)) return false;
  return true;
}

/// How the boots of one side differ, over all its cases.
double squares_between_boots(const Side& side, Noise noise) {
  double squares = 0;
  for (const SideCase& one : side.cases)
    if (!one.runs.empty()) squares += spread(in_units(one.runs, Unit::boot), noise).squares;
  return squares;
}

/// A control that moved between the sides, beyond its own noise from boot to boot; empty: none did.
std::string moved_control(const Side& base, const Side& fresh, const std::set<std::string>& names) {
  const auto before = control_levels(base, true), now = control_levels(fresh, true);
  ControlTests tests(control_error_rate / static_cast<double>(names.size()));
  for (const std::string& name : names) {
    const ControlChange change = tests.level(before.at(name), now.at(name), control_prior(fresh.device_kind, name));
    if (std::fabs(change.difference) > change.noise)
      return fmt::format("{} took {}", name, show_log_change(change.difference));
  }
  return {};
}

}  // namespace

BesideControls take_off_controls(Side& base, Side& fresh, Noise noise) {
  BesideControls done;
  const std::set<std::string> names = common_controls(base, fresh);
  if (names.empty()) {
    done.text = "no control kernel is known on both sides: what a whole boot was slower by is not told from a case";
    return done;
  }
  std::map<std::string, double> levels = boot_levels(base, names);
  levels.merge(boot_levels(fresh, names));
  if (!knows_all_boots(base, levels) || !knows_all_boots(fresh, levels)) {
    done.text = "a boot lacks its control kernels: times are as they were measured";
    return done;
  }
  if (const std::string moved = moved_control(base, fresh, names); !moved.empty()) {
    done.text = fmt::format(
        "the control kernel {} between the drivers: times are as they were measured, for it may be "
        "how this driver sets clocks and power",
        moved);
    return done;
  }
  double middle = 0;
  for (const auto& [boot, level] : levels) middle += level / static_cast<double>(levels.size());
  Side base_off = base, fresh_off = fresh;
  take_off(base_off, levels, middle);
  take_off(fresh_off, levels, middle);
  const double before = squares_between_boots(base, noise) + squares_between_boots(fresh, noise);
  const double after = squares_between_boots(base_off, noise) + squares_between_boots(fresh_off, noise);
  if (before > 0) done.left = after / before;
  if (done.left >= 1) {
    done.text = "the control kernels don't explain how boots differ: times are as they were measured";
    return done;
  }
  base = std::move(base_off);
  fresh = std::move(fresh_off);
  done.taken = true;
  done.text = fmt::format(
      "what a boot's control kernels were slower by is taken off its cases: boots of one driver then differ by {:.0f} "
      "% "
      "less",
      100 * (1 - std::sqrt(done.left)));
  return done;
}

}  // namespace kernelgate

#include "harness/judge/compare/decision.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "harness/base/quantity.h"
#include "harness/judge/compare/thin_runs.h"
#include "harness/statistics/distributions.h"
#include "harness/statistics/multiplicity.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

using Runs = std::span<const RunSummary>;

/// Of what no comparison of these sides would call.
constexpr double undetectable = 100;

/// The change of the sides' location, as a difference of logarithms.
double change(Runs base, Runs fresh, Noise noise) { return location(fresh, noise) - location(base, noise); }

/// In clock cycles instead of seconds. Every run must know its clock.
double change_in_cycles(Runs base, Runs fresh, Noise noise) {
  const auto cycles = [](Runs runs) {
    std::vector<RunSummary> scaled(runs.begin(), runs.end());
    for (RunSummary& run : scaled) {
      run.median_s *= *run.clock_hz;
      run.q1_s *= *run.clock_hz;
    }
    return scaled;
  };
  return change(cycles(base), cycles(fresh), noise);
}

/// The control's own change; nothing unless every run knows it.
std::optional<double> control_change(Runs base, Runs fresh, Noise noise) {
  const auto known = [](const RunSummary& one) { return one.control_s.has_value(); };
  if (!std::ranges::all_of(base, known) || !std::ranges::all_of(fresh, known)) return std::nullopt;
  const auto of_control = [](Runs runs) {
    std::vector<RunSummary> controls(runs.begin(), runs.end());
    for (RunSummary& run : controls) run.median_s = run.q1_s = *run.control_s;
    return controls;
  };
  return change(of_control(base), of_control(fresh), noise);
}

/// What is left of a change after as much of it as the control took too, but never more than all of it:
/// a control that moved the other way excuses nothing and proves nothing.
double beyond_control(double effect, double control) {
  return effect > 0 ? effect - std::max(control, 0.0) : effect - std::min(control, 0.0);
}

/// What of the change shows where no neighbour is: in the fastest samples; where neighbours are the rule,
/// in the best runs.
double undisturbed_change(Runs base, Runs fresh, Noise noise) {
  if (noise == Noise::one_sided) return best(fresh, noise) - best(base, noise);
  const auto floor = [](Runs runs) {
    std::vector<double> y;
    for (const RunSummary& run : runs) y.push_back(std::log(run.q1_s));
    return median(y);
  };
  return floor(fresh) - floor(base);
}

/// Variance of a run's own value, from the spread of its samples: a floor for what the prior, which
/// speaks of whole runs, can't know. 1.349 standard deviations of a normal lie between its quartiles.
double variance_within(Runs base, Runs fresh, Noise noise) {
  // Of a quantile of normal samples, times n: pi / 2 for the median, 1.86 for a quartile.
  const double quantile_price = noise == Noise::one_sided ? 1.86 : std::numbers::pi / 2;
  double sum = 0;
  for (Runs side : {base, fresh})
    for (const RunSummary& run : side) {
      const double sd = std::log(run.q3_s / run.q1_s) / 1.349;
      sum += quantile_price * sd * sd / static_cast<double>(run.samples);
    }
  return sum / static_cast<double>(base.size() + fresh.size());
}

/// The spread of one unit's value.
struct Shrunk {
  double sd = 0;
  double df = 0;
};

/// What is declared of a unit's variance. A night's runs share the night; their number shrinks only what they don't.
double declared_variance(Runs base, Runs fresh, Unit unit, std::size_t units, const DeviceClass& device) {
  const double run = device.run_sd * device.run_sd + variance_within(base, fresh, device.noise);
  if (unit == Unit::run) return run;
  const double runs_a_unit = static_cast<double>(base.size() + fresh.size()) / static_cast<double>(units);
  const double own = unit == Unit::night ? device.night_sd : device.boot_sd;
  return own * own + run / runs_a_unit;
}

/// What the units say, shrunk to what is declared; that alone where they say nothing, and then it is taken as known.
Shrunk shrunk_spread(const std::vector<RunSummary>& base, const std::vector<RunSummary>& fresh, double declared,
                     double assumed, double assumed_df, Unit unit, Noise noise) {
  const Spread of_base = spread(base, noise), of_fresh = spread(fresh, noise);
  const double own_df = of_base.df + of_fresh.df;
  if (own_df == 0) return {std::sqrt(declared), std::numeric_limits<double>::infinity()};
  const double df = prior_df + own_df;
  // What is assumed of a thin run's samples is in what its runs differ by: the more runs, the less it counts.
  const double prior = prior_df * (declared - assumed) + std::min(prior_df, assumed_df) * assumed;
  double variance = (prior + of_base.squares + of_fresh.squares) / df;
  if (unit == Unit::boot && std::min(base.size(), fresh.size()) < fewest_boots) variance = std::max(variance, declared);
  return {std::sqrt(variance), df};
}

double coarsest_quantum(Runs base, Runs fresh) {
  double share = 0;
  for (Runs side : {base, fresh})
    for (const RunSummary& run : side) share = std::max(share, run.quantum_s / run.median_s);
  return share;
}

bool corroborates(double part, double effect) {
  return part * effect > 0 && std::fabs(part) >= corroborated_share * std::fabs(effect);
}

/// One case's evidence with the suite's scatter as the floor of its uncertainty.
struct Weighed {
  double se = 0;
  double df = 0;
  bool by_scatter = false;
};

/// Where the units vary no more than is declared of them, that may be taken as known, as of one unit a side it is: by
/// what leaves less room, so that no unit more makes a comparison say less.
Weighed with_scatter(const Evidence& one, const Scatter& scatter, double level, StudentTable& table) {
  if (scatter.df > 0 && scatter.sd > scatter.by_chance * one.se) return {scatter.sd, scatter.df, true};
  constexpr double all = std::numeric_limits<double>::infinity();
  if (one.known_se > 0 && table(1 - level, all) * one.known_se < table(1 - level, one.df) * one.se)
    return {one.known_se, all};
  return {one.se, one.df};
}

/// How many more units would settle a change of this size, if units go on varying as they did.
std::string what_it_takes(const Evidence& one, double margin, double level, const DeviceClass& device,
                          StudentTable& table) {
  const double effect = std::fabs(one.effect);
  const bool by_boots = one.unit == Unit::boot;
  // More runs of one night don't tell how nights differ: what is asked for is nights, each of as many runs as now.
  const double runs = static_cast<double>(std::min(one.base_units, one.new_units));
  const double sd = one.unit == Unit::run ? std::hypot(one.unit_sd / std::sqrt(runs), device.night_sd) : one.unit_sd;
  for (std::size_t n = by_boots ? fewest_boots : 2; n <= 1000; ++n) {
    const double df = prior_df + (device.noise == Noise::one_sided ? 1 : 2) * static_cast<double>(n - 1);
    const double se = standard_error(sd, n, n, device.noise);
    const bool decided =
        effect - table(1 - level, df) * se > one.threshold || effect + table(equivalence_confidence, df) * se < margin;
    if (!decided || (needs_proof(one, device) && !would_prove(one, n, level, device, table))) continue;
    const char* blocks = by_boots ? "" : "; or measure both builds side by side: run --against";
    return fmt::format("; about {} {}s a side would decide{}", n, by_boots ? "boot" : "night", blocks);
  }
  return fmt::format("; too near the threshold for 1000 {}s a side to decide", by_boots ? "boot" : "night");
}

/// What one process of a shared machine, or one value, can't tell, and the command that decides; empty: it can.
std::string single_process(const Evidence& one, const DeviceClass& device) {
  if (std::min(one.base_units, one.new_units) > 1 || !(device.shared || one.thin)) return {};
  return fmt::format(
      "; one process a side does not tell {} from the code: three of each build do, 'kernelgate compare "
      "base1,base2,base3 new1,new2,new3', and '--history FOLDER' of earlier runs does better",
      device.shared ? "the runner" : "the noise");
}

/// Where the suite moved one way, and by more than runners differ, what stayed is beside it as if it had moved the
/// other way: which of the two the build did, nobody knows. Empty: it did not, or half of the change is the case's own.
std::string moved_in_part(const Evidence& one, const DeviceClass& device) {
  const double whole = one.common + one.effect;
  if (one.common == 0 || corroborates(whole, one.effect)) return {};
  const double of_runs = standard_error(device.run_sd, one.base_units, one.new_units, device.noise);
  if (std::fabs(one.common) <= 2 * std::sqrt(of_runs * of_runs + 2 * device.night_sd * device.night_sd)) return {};
  return fmt::format(
      "; but in all it took {}: the rest of the suite moved, by the runner or by the build; measure both "
      "builds on one machine: kernelgate run --against BUILD",
      show_log_change(whole));
}

/// Why a change that the numbers show is not believed, or empty. Sets what it found.
std::string doubt(const Evidence& one, bool slower, double half, const DeviceClass& device, Decision& decision) {
  if (!corroborates(one.undisturbed, one.effect))
    return fmt::format(
        "it moved by {}, but {} by {}: a neighbour's load rather than the code; measure both again on a quiet machine",
        show_log_change(one.effect), device.noise == Noise::one_sided ? "the best runs" : "the fastest samples",
        show_log_change(one.undisturbed));
  if (one.cycles && !corroborates(*one.cycles, one.effect)) {
    decision.clocks = true;
    return fmt::format(
        "{} in seconds, but {} in clock cycles: clocks, power or heat; lock the clocks and measure both again",
        show_log_change(one.effect), show_log_change(*one.cycles));
  }
  const double left = beyond_control(one.effect, one.control.value_or(0));
  if (slower ? left - half <= one.threshold : left + half >= -one.threshold) {
    decision.environment = true;
    return fmt::format(
        "{}, but the control, a fixed work measured beside it, took {} too: the machine, not the code; measure again "
        "when it is quiet",
        show_log_change(one.effect), show_log_change(one.control.value_or(0)));
  }
  return {};
}

/// For SAME: by what the units say, and what the suite shows of the night.
Weighed own_weight(const Evidence& one, const Scatter& scatter, const DeviceClass& device, double typical_own_se) {
  return {device.shared ? one.se : equivalence_se(one, scatter, typical_own_se), one.df};
}

bool is_equal(const Evidence& one, const Weighed& w, double margin, StudentTable& table) {
  const double se = w.se;
  return std::fabs(one.effect) + table(equivalence_confidence, w.df) * se < margin;
}

}  // namespace

CaseVerdict undecided(const SideCase& of) {
  CaseVerdict verdict;
  verdict.name = of.name;
  verdict.op = of.op;
  verdict.problem = of.problem;
  verdict.implementation = of.implementation;
  verdict.state = of.state;
  verdict.label = of.label;
  return verdict;
}

double StudentTable::operator()(double p, double df) {
  const auto [at, is_new] = known_.try_emplace({p, df}, 0.0);
  if (is_new) at->second = student_t_quantile(p, df);
  return at->second;
}

Evidence weigh(Runs base, Runs fresh, const DeviceClass& device, const CompareOptions& options, bool across_boots) {
  Evidence out;
  out.unit = unit_of(base, fresh, across_boots);
  const std::vector<RunSummary> before = in_units(base, out.unit), now = in_units(fresh, out.unit);
  out.base_units = before.size();
  out.new_units = now.size();
  out.base_level = location(before, device.noise);
  out.new_level = location(now, device.noise);
  out.effect = out.new_level - out.base_level;
  const double declared = declared_variance(base, fresh, out.unit, before.size() + now.size(), device);
  const auto is_thin = [](const RunSummary& run) { return run.samples < min_samples_per_run; };
  out.thin = std::ranges::any_of(base, is_thin) || std::ranges::any_of(fresh, is_thin);
  const double assumed = out.thin ? variance_within(base, fresh, device.noise) : 0;
  const Shrunk unit = shrunk_spread(before, now, declared, std::min(assumed, declared), options.caution.assumed_df,
                                    out.unit, device.noise);
  out.unit_sd = unit.sd;
  out.df = unit.df;
  const Spread of_base = spread(before, device.noise), of_fresh = spread(now, device.noise);
  out.own_squares = of_base.squares + of_fresh.squares;
  out.own_df = of_base.df + of_fresh.df;
  // Two files of a night each: how nights differ is not in them, and only declared.
  out.between = out.unit == Unit::run && !options.same_night ? 2 * device.night_sd * device.night_sd : 0;
  out.own_se = standard_error(unit.sd, before.size(), now.size(), device.noise);
  out.se = std::sqrt(out.own_se * out.own_se + out.between);
  if (out.unit != Unit::boot && !device.shared && out.own_df > 0 && out.own_squares <= out.own_df * declared)
    out.known_se = std::hypot(standard_error(std::sqrt(declared), before.size(), now.size(), device.noise),
                              std::sqrt(out.between));
  out.threshold = std::log1p(std::max(options.threshold, 2 * coarsest_quantum(base, fresh)));
  out.declared_df = options.caution.assumed_df;
  if (out.thin) look_for_proof(out, before, now, std::sqrt(declared), device.noise);
  out.undisturbed = undisturbed_change(before, now, device.noise);
  const auto clock_known = [](const RunSummary& one) { return one.clock_hz.has_value(); };
  if (std::ranges::all_of(before, clock_known) && std::ranges::all_of(now, clock_known))
    out.cycles = change_in_cycles(before, now, device.noise);
  out.control = control_change(before, now, device.noise);
  return out;
}

Scatter scatter_of(std::span<const double> effects) {
  if (effects.size() < fewest_for_scatter) return {};
  std::vector<double> sorted(effects.begin(), effects.end());
  std::ranges::sort(sorted);
  const auto shortest = [&](std::size_t count) {
    double length = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i + count <= sorted.size(); ++i)
      length = std::min(length, sorted[i + count - 1] - sorted[i]);
    return length;
  };
  // Half of a normal distribution lies within 1.349 standard deviations. Of n values the shortest half is shorter,
  // being the shortest of many. The factor, the degrees of freedom and the limit are fitted to a simulation of 8 to 500
  // values.
  const std::size_t half = sorted.size() / 2 + 1;
  const double length = sorted.size() % 2 == 0 ? shortest(half) : 0.5 * (shortest(half) + shortest(half + 1));
  const double n = static_cast<double>(sorted.size());
  return {(1 + 0.95 * std::pow(n, -0.55)) * length / 1.349, 0.37 * n, 1 + 1.75 / std::sqrt(n)};
}

double equivalence_se(const Evidence& one, const Scatter& scatter, double typical_own_se) {
  if (scatter.df == 0) return one.se;
  const double seen = std::max(0.0, scatter.sd * scatter.sd - typical_own_se * typical_own_se);
  const double between = (prior_df * one.between + scatter.df * seen) / (prior_df + scatter.df);
  return std::sqrt(one.own_se * one.own_se + std::max(std::min(between, one.between), one.between / 4));
}

std::vector<Decision> decide(std::span<const Evidence> given, const Scatter& scatter, const DeviceClass& device,
                             const CompareOptions& options, StudentTable& table) {
  const std::vector<Evidence> suite = beside_the_suite(given, device);
  const double strictest = (1 - options.confidence) / std::max<double>(1, static_cast<double>(suite.size()));
  const double alpha = 1 - options.confidence;
  const double bound_level = (1 - bound_confidence) / std::max<double>(1, static_cast<double>(suite.size()));
  std::vector<double> p_slower, p_faster, p_none;
  for (const Evidence& one : suite) {
    const Weighed w = with_scatter(one, scatter, strictest, table);
    p_slower.push_back(student_t_upper_tail((one.effect - one.threshold) / w.se, w.df));
    p_none.push_back(2 * student_t_upper_tail(std::fabs(one.effect) / w.se, w.df));
    p_faster.push_back(student_t_upper_tail((-one.effect - one.threshold) / w.se, w.df));
  }
  const std::vector<bool> slower = holm(p_slower, alpha), faster = holm(p_faster, alpha);
  const std::vector<double> slower_level = holm_levels(p_slower, alpha), faster_level = holm_levels(p_faster, alpha);
  const std::vector<bool> proven_slower = holm(with_proof(p_slower, suite, +1, device), alpha),
                          proven_faster = holm(with_proof(p_faster, suite, -1, device), alpha);
  const std::vector<bool> possibly = benjamini_hochberg(p_none, false_discovery_rate);

  std::vector<double> own;
  for (const Evidence& one : suite) own.push_back(one.own_se);
  const double typical_own_se = own.empty() ? 0 : median(own);

  std::vector<Decision> decisions;
  for (std::size_t i = 0; i < suite.size(); ++i) {
    const Evidence& one = suite[i];
    const Weighed w = with_scatter(one, scatter, strictest, table);
    const double margin = std::max(one.threshold, std::log1p(device.equivalence));
    const double half = table(0.5 + interval_confidence / 2, w.df) * w.se;
    const double limit = table(1 - strictest, w.df);
    Decision d;
    d.p_slower = p_slower[i];
    d.p_faster = p_faster[i];
    d.possibly = possibly[i];
    d.common = one.common;
    d.ratio = std::exp(one.common + one.effect);
    d.ratio_low = std::exp(one.common + one.effect - half);
    d.ratio_high = std::exp(one.common + one.effect + half);
    d.detectable_ratio = std::exp(one.threshold + (limit + table(detectable_power, w.df)) * w.se);
    d.ratio_at_most = std::exp(one.common + one.effect + table(1 - bound_level, w.df) * w.se);
    if (one.control) d.control_ratio = std::exp(*one.control);
    const std::string seen =
        fmt::format("{}, between {} and {}{}", show_log_change(one.effect), show_log_change(one.effect - half),
                    show_log_change(one.effect + half), one.common != 0 ? " beside the rest of the suite" : "");
    const std::string single = single_process(one, device);
    if (needs_proof(one, device))
      d.detectable_ratio = std::max(d.detectable_ratio, std::exp(provable(one, strictest, table)));
    if (!single.empty()) d.detectable_ratio = undetectable;
    if (slower[i] || faster[i]) {
      // By what Holm let it have: the cases that fell before it are no hypotheses any more.
      const double level = slower[i] ? slower_level[i] : faster_level[i];
      d.reason = doubt(one, slower[i], table(1 - level, w.df) * w.se, device, d);
      const bool proven = slower[i] ? proven_slower[i] : proven_faster[i];
      const std::string unproven = !single.empty() ? single
                                   : !proven       ? why_not_proven(strictest)
                                                   : moved_in_part(one, device);
      if (d.reason.empty() && !unproven.empty()) {
        d.verdict = Verdict::possible;
        d.reason = seen + unproven;
      } else if (d.reason.empty()) {
        d.verdict = slower[i] ? Verdict::slower : Verdict::faster;
        d.reason = seen;
      }
    } else if (single.empty() && is_equal(one, w.by_scatter ? w : own_weight(one, scatter, device, typical_own_se),
                                          margin - std::fabs(one.common), table)) {
      d.verdict = Verdict::same;
      d.reason = fmt::format("within {:.1f} %", 100 * std::expm1(margin));
    } else {
      d.reason = seen;
      if (w.by_scatter)
        d.reason += fmt::format("; the cases' changes scatter by {:.1f} %: measure both again on a quiet machine",
                                100 * scatter.sd);
      else if (!single.empty())
        d.reason += single;
      else
        d.reason += what_it_takes(one, margin, strictest, device, table);
    }
    decisions.push_back(std::move(d));
  }
  return decisions;
}

Decision decide(Runs base, Runs fresh, const DeviceClass& device, const CompareOptions& options, StudentTable& table) {
  const Evidence one = weigh(base, fresh, device, options);
  return decide(std::span(&one, 1), {}, device, options, table).front();
}

}  // namespace kernelgate

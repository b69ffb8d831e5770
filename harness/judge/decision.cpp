#include "harness/judge/decision.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "harness/judge/statistics.h"

namespace kernelgate {
namespace {

using Runs = std::span<const RunSummary>;

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

/// The spread of one run's value: what the runs say, shrunk to the prior.
struct Shrunk {
  double sd = 0;
  double df = 0;
};

Shrunk shrunk_spread(Runs base, Runs fresh, const DeviceClass& device) {
  const double prior = device.run_sd * device.run_sd + variance_within(base, fresh, device.noise);
  const Spread of_base = spread(base, device.noise), of_fresh = spread(fresh, device.noise);
  const double df = prior_df + of_base.df + of_fresh.df;
  return {std::sqrt((prior_df * prior + of_base.squares + of_fresh.squares) / df), df};
}

double standard_error(double sd, std::size_t base_runs, std::size_t new_runs, Noise noise) {
  const auto part = [noise](std::size_t n) {
    const double price = location_price(n, noise);
    return price * price / static_cast<double>(n);
  };
  return sd * std::sqrt(part(base_runs) + part(new_runs));
}

/// How many runs on each side would settle a true change of this size, if runs go on varying as they did.
std::optional<std::size_t> runs_to_decide(double effect, double sd, double margin, Noise noise,
                                          const CompareOptions& options, StudentTable& table) {
  const double threshold = std::log1p(options.threshold);
  for (std::size_t n = 2; n <= 1000; ++n) {
    const double df = prior_df + (noise == Noise::one_sided ? 1 : 2) * static_cast<double>(n - 1);
    const double se = standard_error(sd, n, n, noise);
    if (std::fabs(effect) - table(options.confidence, df) * se > threshold) return n;
    if (std::fabs(effect) + table(equivalence_confidence, df) * se < margin) return n;
  }
  return std::nullopt;
}

std::string percent(double log_ratio) { return fmt::format("{:+.1f} %", 100 * std::expm1(log_ratio)); }

bool corroborates(double part, double effect) {
  return part * effect > 0 && std::fabs(part) >= corroborated_share * std::fabs(effect);
}

}  // namespace

const DeviceClass& device_class(std::string_view kind) {
  static constexpr std::array classes{DeviceClass{"cuda", 0.005, 0.01, Noise::symmetric},
                                      DeviceClass{"cpu", 0.015, 0.03, Noise::one_sided}};
  const auto* found = std::ranges::find(classes, kind, [](const DeviceClass& c) { return std::string_view(c.kind); });
  return found != classes.end() ? *found : classes.back();  // an unknown kind is as noisy as any
}

double StudentTable::operator()(double p, double df) {
  const auto [at, is_new] = known_.try_emplace({p, df}, 0.0);
  if (is_new) at->second = student_t_quantile(p, df);
  return at->second;
}

Decision decide(Runs base, Runs fresh, const DeviceClass& device, const CompareOptions& options, StudentTable& table) {
  const double effect = change(base, fresh, device.noise);
  const Shrunk run = shrunk_spread(base, fresh, device);
  const double se = standard_error(run.sd, base.size(), fresh.size(), device.noise);
  const double half = table(options.confidence, run.df) * se;
  const double threshold = std::log1p(options.threshold);
  const double margin = std::log1p(std::max(options.threshold, device.equivalence));

  Decision decision;
  decision.ratio = std::exp(effect);
  decision.ratio_low = std::exp(effect - half);
  decision.ratio_high = std::exp(effect + half);
  decision.detectable_ratio = std::exp(threshold + half);

  const std::optional<double> control = control_change(base, fresh, device.noise);
  if (control) decision.control_ratio = std::exp(*control);

  const bool slower = effect - half > threshold;
  const bool faster = effect + half < -threshold;
  if (slower || faster) {
    const double floor = undisturbed_change(base, fresh, device.noise);
    const auto clock_known = [](const RunSummary& one) { return one.clock_hz.has_value(); };
    const bool clocks = std::ranges::all_of(base, clock_known) && std::ranges::all_of(fresh, clock_known);
    if (!corroborates(floor, effect)) {
      decision.reason = fmt::format(
          "it moved by {}, but {} by {}: a neighbour's load rather than the code; measure both again on a quiet "
          "machine",
          percent(effect), device.noise == Noise::one_sided ? "the best runs" : "the fastest samples", percent(floor));
    } else if (clocks && !corroborates(change_in_cycles(base, fresh, device.noise), effect)) {
      decision.clocks = true;
      decision.reason = fmt::format(
          "{} in seconds, but {} in clock cycles: clocks, power or heat; lock the clocks and "
          "measure both again",
          percent(effect), percent(change_in_cycles(base, fresh, device.noise)));
    } else if (const double left = beyond_control(effect, control.value_or(0));
               slower ? left - half <= threshold : left + half >= -threshold) {
      decision.environment = true;
      decision.reason = fmt::format(
          "{}, but the control, a fixed work measured beside it, took {} too: the machine, not the code; measure again "
          "when it is quiet",
          percent(effect), percent(*control));
    } else {
      decision.verdict = slower ? Verdict::slower : Verdict::faster;
      decision.reason =
          fmt::format("{}, between {} and {}", percent(effect), percent(effect - half), percent(effect + half));
    }
    return decision;
  }
  if (std::fabs(effect) + table(equivalence_confidence, run.df) * se < margin) {
    decision.verdict = Verdict::same;
    decision.reason = fmt::format("within {:.1f} %", 100 * std::expm1(margin));
    return decision;
  }
  decision.reason =
      fmt::format("{}, between {} and {}", percent(effect), percent(effect - half), percent(effect + half));
  if (const auto runs = runs_to_decide(effect, run.sd, margin, device.noise, options, table))
    decision.reason += fmt::format("; about {} runs a side would decide", *runs);
  else
    decision.reason += "; too near the threshold for 1000 runs a side to decide";
  return decision;
}

}  // namespace kernelgate

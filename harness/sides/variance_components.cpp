#include "harness/sides/variance_components.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace kernelgate {
namespace {

/// 1.349 standard deviations of a normal lie between its quartiles; they say as much of its variance as 0.367 times as
/// many samples would by their squares (the asymptotic efficiency of the interquartile range).
constexpr double quartile_distance = 1.3489795;
constexpr double quartile_efficiency = 0.367;

/// Values of one group, or of one group's groups.
struct Group {
  double count = 0, sum = 0;
  void add(double value) { count += 1, sum += value; }
  double mean() const { return sum / count; }
};

struct Night {
  Group all;
  std::vector<double> values;
};

struct Boot {
  Group all;
  std::map<std::string, Night> nights;
};

double square(double x) { return x * x; }

Component from_variance(double variance, double df) { return {df > 0 && variance > 0 ? std::sqrt(variance) : 0, df}; }

Component iteration_of(std::span<const RunSummary> runs) {
  double squares = 0, df = 0;
  for (const RunSummary& run : runs) {
    const double own = quartile_efficiency * (static_cast<double>(run.samples) - 1);
    if (own <= 0) continue;
    squares += own * square(std::log(run.q3_s / run.q1_s) / quartile_distance);
    df += own;
  }
  return from_variance(df > 0 ? squares / df : 0, df);
}

void check(std::span<const RunSummary> runs) {
  for (const RunSummary& run : runs)
    if (!(run.q1_s > 0 && run.q1_s <= run.median_s && run.median_s <= run.q3_s && std::isfinite(run.q3_s)))
      throw std::invalid_argument("a run's quartiles must be times, in order");
}

}  // namespace

VarianceComponents variance_components(std::span<const RunSummary> runs) {
  VarianceComponents result;
  if (runs.empty()) return result;
  check(runs);
  std::map<std::string, Boot> boots;
  std::set<std::string> nights;
  // From the first run's: where times differ by 1e-9 of themselves, their squares would drown.
  const double origin = runs.front().median_s;
  Group all;
  for (const RunSummary& run : runs) {
    const double y = std::log(run.median_s / origin);
    Boot& boot = boots[run.boot];
    Night& night = boot.nights[run.night];
    night.values.push_back(y);
    for (Group* group : {&all, &boot.all, &night.all}) group->add(y);
    nights.insert(run.night);
  }

  double cells = 0, ss_run = 0, ss_night = 0, ss_boot = 0;
  double A = 0, B = 0, C = 0;
  for (const auto& [boot_name, boot] : boots) {
    ss_boot += boot.all.count * square(boot.all.mean() - all.mean());
    C += square(boot.all.count) / all.count;
    for (const auto& [night_name, night] : boot.nights) {
      cells += 1;
      for (double y : night.values) ss_run += square(y - night.all.mean());
      ss_night += night.all.count * square(night.all.mean() - boot.all.mean());
      A += square(night.all.count) / boot.all.count;
      B += square(night.all.count) / all.count;
    }
  }
  const double groups = static_cast<double>(boots.size());
  const double run_df = all.count - cells, night_df = cells - groups, boot_df = groups - 1;
  const double v_run = run_df > 0 ? ss_run / run_df : 0;
  // Each level takes off the ones below it as they came out, below 0 too, so that it is right on average.
  const double v_night = night_df > 0 ? (ss_night - night_df * v_run) / (all.count - A) : 0;
  const double v_boot = boot_df > 0 ? (ss_boot - boot_df * v_run - (A - B) * v_night) / (all.count - C) : 0;

  result.iteration = iteration_of(runs);
  result.run = from_variance(v_run, run_df);
  result.night = from_variance(v_night, night_df);
  result.boot = from_variance(v_boot, boot_df);
  result.runs = static_cast<int>(runs.size());
  result.nights = static_cast<int>(nights.size());
  result.boots = static_cast<int>(boots.size() - boots.count(""));
  return result;
}

Component pooled(const Component& a, const Component& b) {
  const double df = a.df + b.df;
  return from_variance(df > 0 ? (a.df * square(a.sd) + b.df * square(b.sd)) / df : 0, df);
}

VarianceComponents pooled(const VarianceComponents& carried, const VarianceComponents& own) {
  VarianceComponents result = own;
  for (auto level : {&VarianceComponents::iteration, &VarianceComponents::run, &VarianceComponents::night,
                     &VarianceComponents::boot})
    result.*level = pooled(carried.*level, own.*level);
  return result;
}

double night_mean_variance(const VarianceComponents& spread, double runs) {
  return square(spread.night.sd) + square(spread.run.sd) / runs;
}

}  // namespace kernelgate

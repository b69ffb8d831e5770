#include "harness/judge/compare/control_tests.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <span>
#include <stdexcept>

#include "harness/statistics/distributions.h"

namespace kernelgate {
namespace {

// As many degrees of freedom as six samples' worth, as for the cases (decision.h).
constexpr double control_prior_df = 6;

double mean(std::span<const double> values) {
  if (values.empty()) throw std::invalid_argument("a control without runs");
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// An estimate of variance times its degrees of freedom.
struct Squares {
  double sum = 0, df = 0;

  double shrunk(double prior) const { return (control_prior_df * prior * prior + sum) / (control_prior_df + df); }
};

Squares about_their_means(const std::vector<double>& base, const std::vector<double>& fresh) {
  Squares squares;
  for (const auto* side : {&base, &fresh}) {
    const double centre = mean(*side);
    for (double value : *side) squares.sum += (value - centre) * (value - centre);
    squares.df += static_cast<double>(side->size()) - 1;
  }
  return squares;
}

/// Of the difference of two means, over the standard deviation of one value.
double error_factor(const std::vector<double>& base, const std::vector<double>& fresh) {
  return std::sqrt(1.0 / static_cast<double>(base.size()) + 1.0 / static_cast<double>(fresh.size()));
}

constexpr double least_df = 2;  // with one, Student's t is too wide to find anything

}  // namespace

bool has_several_nights(const Side& side) {
  std::set<std::string> nights;
  for (const ControlSummary& one : side.controls)
    if (!one.night.empty()) nights.insert(one.night);
  return nights.size() > 1;
}

std::map<std::string, ControlLevels> control_levels(const Side& side, bool by_night) {
  std::map<std::string, std::map<std::string, ControlLevels>> runs;  // by name, by night
  for (const ControlSummary& one : side.controls) {
    if (!(one.first_s > 0 && one.last_s > 0)) continue;
    const double first = std::log(one.first_s), last = std::log(one.last_s);
    ControlLevels& night = runs[one.name][by_night ? one.night : ""];
    night.level.push_back((first + last) / 2);
    night.drift.push_back(last - first);
  }
  std::map<std::string, ControlLevels> levels;
  for (const auto& [name, nights] : runs)
    for (const auto& [night, of] : nights) {
      ControlLevels& all = levels[name];
      if (!by_night) {
        all = of;
      } else {
        all.level.push_back(mean(of.level));
        all.drift.push_back(mean(of.drift));
      }
    }
  return levels;
}

double control_prior(const std::string& device_kind, const std::string& name) {
  struct Prior {
    const char* name;
    double cuda, cpu;
  };
  // Declared, not calibrated. cuda: a GPU's typical run (decision.h), and for "launch", whose time is the host's, more.
  // cpu: 15 process runs on a shared 2-core machine, three builds beside them, had sd 0.03, 16, 19 and 76 %; the
  // middle two agreed to 2 % but for a few. So a prior is what is believed until a side has runs of its own.
  static constexpr std::array priors{Prior{"alu", 0.005, 0.01}, Prior{"tensor_core", 0.005, 0.03},
                                     Prior{"dram_copy", 0.01, 0.1}, Prior{"launch", 0.05, 0.3}};
  const auto* found = std::ranges::find(priors, name, [](const Prior& prior) { return std::string(prior.name); });
  const Prior& prior = found != priors.end() ? *found : priors.back();
  return device_kind == "cuda" ? prior.cuda : prior.cpu;
}

double ControlTests::student(double df) {
  const auto [at, is_new] = known_.try_emplace(df, 0.0);
  if (is_new) at->second = student_t_upper_quantile(error_ / 2, df);
  return at->second;
}

ControlChange ControlTests::level(const ControlLevels& base, const ControlLevels& fresh, double prior) {
  const Squares between = about_their_means(base.level, fresh.level);
  Squares within;
  for (const auto* side : {&base.drift, &fresh.drift})
    for (double drift : *side) {
      within.sum += drift * drift / 4;  // the variance of the mean of two values, from their difference
      ++within.df;
    }
  // Shrunk to the prior, lucky runs that agree are not believed; where the machine is noisier than the prior, its own
  // runs are. What first and last differ by is all that one run a side has of its own.
  double widest = std::sqrt(between.shrunk(prior)) * student(control_prior_df + between.df);
  for (const Squares& seen : {between, within})
    if (seen.df >= least_df) widest = std::max(widest, std::sqrt(seen.sum / seen.df) * student(seen.df));
  return {mean(fresh.level) - mean(base.level), widest * error_factor(base.level, fresh.level)};
}

ControlChange ControlTests::drift(const ControlLevels& base, const ControlLevels& fresh) {
  const Squares between = about_their_means(base.drift, fresh.drift);
  const double difference = mean(fresh.drift) - mean(base.drift);
  if (between.df < least_df) return {difference, std::numeric_limits<double>::infinity()};
  return {difference,
          std::sqrt(between.sum / between.df) * student(between.df) * error_factor(base.drift, fresh.drift)};
}

}  // namespace kernelgate

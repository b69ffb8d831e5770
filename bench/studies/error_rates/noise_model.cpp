#include "bench/studies/error_rates/noise_model.h"

#include <array>
#include <cmath>
#include <stdexcept>

namespace kernelgate::error_rates {

std::span<const NoiseModel> noise_models() {
  static const std::array models{
      NoiseModel{.name = "quiet", .run = 0.002, .night = 0.002},
      NoiseModel{.name = "typical"},
      NoiseModel{.name = "t3", .heavy_tails = true},
      NoiseModel{.name = "bimodal",
                 .iteration = 0.005,
                 .run = 0.001,
                 .night = 0.001,
                 .bimodal_share = 0.2,
                 .bimodal_step = 0.02},
      NoiseModel{.name = "noisy", .iteration = 0.015, .run = 0.010, .night = 0.015, .together = 0.8},
      NoiseModel{.name = "ar1", .autocorrelation = 0.5},
      NoiseModel{.name = "hot", .hot = 0.03},
  };
  return models;
}

const NoiseModel& noise_model(const std::string& name) {
  for (const NoiseModel& model : noise_models())
    if (model.name == name) return model;
  throw std::out_of_range("no noise model '" + name + "'");
}

double SimulatedNoise::draw(double sd, bool heavy) {
  if (sd == 0) return 0;
  if (!heavy) return sd * normal_(random_);
  // Student's t with 3 degrees of freedom has a variance of 3.
  return sd * std::student_t_distribution<double>(3)(random_) / std::sqrt(3.0);
}

std::vector<std::vector<double>> SimulatedNoise::nights(std::size_t cases, std::size_t nights) {
  const double shared = model_.night * std::sqrt(model_.together), own = model_.night * std::sqrt(1 - model_.together);
  const double keep = model_.autocorrelation, fresh = std::sqrt(1 - keep * keep);
  const auto series = [&](double sd) {
    std::vector<double> values;
    for (std::size_t n = 0; n < nights; ++n) {
      const double x = draw(sd, model_.heavy_tails);
      values.push_back(n == 0 ? x : keep * values.back() + fresh * x);
    }
    return values;
  };
  const std::vector<double> common = series(shared);
  std::vector<std::vector<double>> all;
  for (std::size_t k = 0; k < cases; ++k) {
    std::vector<double> values = series(own);
    for (std::size_t n = 0; n < nights; ++n) values[n] += common[n];
    values.back() += model_.hot;
    all.push_back(std::move(values));
  }
  return all;
}

std::vector<double> SimulatedNoise::run_levels(std::size_t count) {
  const double keep = model_.autocorrelation, fresh = std::sqrt(1 - keep * keep);
  std::vector<double> levels;
  double drift = 0;
  for (std::size_t r = 0; r < count; ++r) {
    const double x = draw(model_.run, model_.heavy_tails);
    drift = r == 0 ? x : keep * drift + fresh * x;
    levels.push_back(drift + (uniform() < model_.bimodal_share ? model_.bimodal_step : 0));
  }
  return levels;
}

std::vector<double> SimulatedNoise::runs(std::size_t count) {
  std::vector<double> values = run_levels(count);
  for (double& value : values) value += draw(model_.iteration / 8, false);
  return values;
}

std::vector<std::vector<double>> SimulatedNoise::samples(std::size_t runs, std::size_t samples_a_run) {
  std::vector<std::vector<double>> all;
  for (double level : run_levels(runs)) {
    std::vector<double> samples;
    for (std::size_t i = 0; i < samples_a_run; ++i) {
      const double tail = uniform() < 0.02 ? std::exponential_distribution<double>(20)(random_) : 0;
      samples.push_back(level + draw(model_.iteration, false) + tail);
    }
    all.push_back(std::move(samples));
  }
  return all;
}

}  // namespace kernelgate::error_rates

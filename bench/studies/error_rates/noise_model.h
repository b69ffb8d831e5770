#pragma once
// Noise whose truth is known: what the verdicts' error rates are measured on. Simulated, not recorded; the levels are
// those that people report of GPUs (docs/verdicts.md), the recorded corpus has its own reader.

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace kernelgate::error_rates {

/// Standard deviations of log time, by level.
struct NoiseModel {
  std::string name;
  double iteration = 0.01;   ///< of one sample; a run's median of 100 has an eighth of it
  double run = 0.005;        ///< between process runs of a night
  double night = 0.005;      ///< between nights
  double bimodal_share = 0;  ///< of the runs, which are slower by `bimodal_step`
  double bimodal_step = 0;
  double together = 0.5;       ///< how much of the night's variance all cases share
  bool heavy_tails = false;    ///< Student's t with 3 degrees of freedom, at the run's and the night's level
  double autocorrelation = 0;  ///< AR(1), from night to night and from run to run
  double hot = 0;              ///< the judged night is slower by this, in every case
};

/// quiet, typical, t3, bimodal, noisy, ar1, hot: the rows of the tables.
std::span<const NoiseModel> noise_models();
/// Errors  std::out_of_range.
const NoiseModel& noise_model(const std::string& name);

/// Draws from a model. The same seed draws the same.
class SimulatedNoise {
 public:
  SimulatedNoise(const NoiseModel& model, std::uint64_t seed) : model_(model), random_(seed) {}

  const NoiseModel& model() const { return model_; }
  /// One value a case and night: what the night does to it. The last night is the judged one.
  ///
  /// Shapes  [case][night].
  std::vector<std::vector<double>> nights(std::size_t cases, std::size_t nights);
  /// A sequence of process runs of one case: the log of each run's median, about 0.
  std::vector<double> runs(std::size_t count);
  /// The same with every sample. Shapes  [run][sample]; units: log.
  std::vector<std::vector<double>> samples(std::size_t runs, std::size_t samples_a_run);
  double uniform() { return std::uniform_real_distribution<double>()(random_); }
  std::mt19937_64& generator() { return random_; }

 private:
  double draw(double sd, bool heavy);
  std::vector<double> run_levels(std::size_t count);

  NoiseModel model_;
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
};

}  // namespace kernelgate::error_rates

#pragma once
// Series made up for tests: noise of known kinds, and what is done to it.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "harness/statistics/rates_for_test.h"

namespace kernelgate::history::for_test {

enum class NoiseKind { gauss, heavy_tails, correlated, bimodal };
inline constexpr NoiseKind noise_kinds[] = {NoiseKind::gauss, NoiseKind::heavy_tails, NoiseKind::correlated,
                                            NoiseKind::bimodal};
inline const char* name_of(NoiseKind kind) {
  constexpr const char* names[] = {"gauss", "t3", "ar05", "bimodal"};
  return names[static_cast<int>(kind)];
}

/// Nights of log time around 0: normal; Student's t with 3 degrees of freedom; AR(1) with 0.5; normal with a tenth of
/// nights two deviations up. The standard deviation is `sd` but for the last, whose better nights have it.
class NoiseMaker {
 public:
  explicit NoiseMaker(std::uint64_t seed) : random_(seed) {}

  std::vector<double> nights(NoiseKind kind, std::size_t n, double sd = 0.01) {
    std::vector<double> y(n);
    double before = normal_(random_);
    for (double& value : y) {
      value = normal_(random_);
      if (kind == NoiseKind::heavy_tails) value = tails_(random_) / std::sqrt(3.0);
      if (kind == NoiseKind::correlated) value = before = 0.5 * before + std::sqrt(0.75) * value;
      if (kind == NoiseKind::bimodal && second_mode_(random_)) value += 2;
      value *= sd;
    }
    return y;
  }

  /// AR(1), each night of which keeps `phi` of the one before; the standard deviation is `sd`.
  std::vector<double> wandering(double phi, std::size_t n, double sd = 0.01) {
    std::vector<double> y(n);
    double now = normal_(random_);
    for (double& value : y) {
      value = sd * now;
      now = phi * now + std::sqrt(1 - phi * phi) * normal_(random_);
    }
    return y;
  }

 private:
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  std::student_t_distribution<double> tails_{3};
  std::bernoulli_distribution second_mode_{0.1};
};

/// KERNELGATE_RATES_TIMES=10: that many times all trials, for the figures of docs/history.md.
inline int trials(int all, int quick) {
  const char* times = std::getenv("KERNELGATE_RATES_TIMES");
  return times != nullptr ? all * std::max(1, std::atoi(times)) : kernelgate::for_test::trials(all, quick);
}

}  // namespace kernelgate::history::for_test

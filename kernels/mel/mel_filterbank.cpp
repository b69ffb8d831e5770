#include "kernels/mel/mel_filterbank.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kernelgate {
namespace {

constexpr double hz_per_mel = 200.0 / 3.0;
constexpr double log_start_hz = 1000.0;
constexpr double log_start_mel = log_start_hz / hz_per_mel;
const double log_step = std::log(6.4) / 27.0;

}  // namespace

double hz_to_mel(double hz) {
  return hz < log_start_hz ? hz / hz_per_mel : log_start_mel + std::log(hz / log_start_hz) / log_step;
}

double mel_to_hz(double mel) {
  return mel < log_start_mel ? mel * hz_per_mel : log_start_hz * std::exp(log_step * (mel - log_start_mel));
}

MelFilterbank mel_filterbank(const MelPreset& preset) {
  const double lowest = hz_to_mel(preset.fmin), highest = hz_to_mel(preset.fmax);
  std::vector<double> corner_hz;
  for (int i = 0; i < preset.n_mels + 2; ++i)
    corner_hz.push_back(mel_to_hz(lowest + (highest - lowest) * i / (preset.n_mels + 1)));

  MelFilterbank bank;
  bank.offset.push_back(0);
  for (int m = 0; m < preset.n_mels; ++m) {
    const auto at = corner_hz.begin() + m;
    const double left = at[0], centre = at[1], right = at[2];
    int first = -1;
    for (int bin = 0; bin < preset.bins(); ++bin) {
      const double hz = static_cast<double>(bin) * preset.sample_rate / preset.n_fft;
      const double height = std::min((hz - left) / (centre - left), (right - hz) / (right - centre));
      if (height <= 0) continue;
      if (first < 0) first = bin;
      bank.weights.push_back(static_cast<float>(height * 2.0 / (right - left)));
    }
    bank.first_bin.push_back(std::max(first, 0));
    bank.offset.push_back(static_cast<int>(bank.weights.size()));
  }
  return bank;
}

std::vector<double> mel_window(const MelPreset& preset) {
  std::vector<double> window;
  for (int n = 0; n < preset.n_fft; ++n)
    window.push_back(0.5 - 0.5 * std::cos(2 * std::numbers::pi * n / preset.n_fft));
  return window;
}

}  // namespace kernelgate

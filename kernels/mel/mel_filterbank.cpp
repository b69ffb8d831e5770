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
constexpr double htk_factor = 2595, kaldi_factor = 1127;  // of log10 and ln

}  // namespace

double hz_to_mel(double hz, MelScale scale) {
  if (scale == MelScale::htk) return htk_factor * std::log10(1 + hz / 700);
  if (scale == MelScale::kaldi) return kaldi_factor * std::log1p(hz / 700);
  return hz < log_start_hz ? hz / hz_per_mel : log_start_mel + std::log(hz / log_start_hz) / log_step;
}

double mel_to_hz(double mel, MelScale scale) {
  if (scale == MelScale::htk) return 700 * (std::pow(10.0, mel / htk_factor) - 1);
  if (scale == MelScale::kaldi) return 700 * std::expm1(mel / kaldi_factor);
  return mel < log_start_mel ? mel * hz_per_mel : log_start_hz * std::exp(log_step * (mel - log_start_mel));
}

MelFilterbank mel_filterbank(const MelPreset& preset) {
  const double lowest = hz_to_mel(preset.fmin, preset.scale), highest = hz_to_mel(preset.fmax, preset.scale);
  const bool in_mels = preset.scale == MelScale::kaldi;
  std::vector<double> corners, corner_hz;  // of the triangles, in the unit in which they are straight
  for (int i = 0; i < preset.n_mels + 2; ++i) {
    const double mel = lowest + (highest - lowest) * i / (preset.n_mels + 1);
    corner_hz.push_back(mel_to_hz(mel, preset.scale));
    corners.push_back(in_mels ? mel : corner_hz.back());
  }

  MelFilterbank bank;
  bank.offset.push_back(0);
  for (int m = 0; m < preset.n_mels; ++m) {
    const auto at = corners.begin() + m;
    const double left = at[0], centre = at[1], right = at[2];
    const double area =
        preset.unit_area ? 2.0 / (corner_hz[static_cast<std::size_t>(m) + 2] - corner_hz[static_cast<std::size_t>(m)])
                         : 1;
    int first = -1;
    for (int bin = 0; bin < preset.bins(); ++bin) {
      const double hz = static_cast<double>(bin) * preset.sample_rate / preset.n_fft;
      const double x = in_mels ? hz_to_mel(hz, preset.scale) : hz;
      const double height = std::min((x - left) / (centre - left), (right - x) / (right - centre));
      if (height <= 0) continue;
      if (first < 0) first = bin;
      bank.weights.push_back(static_cast<float>(height * area));
    }
    bank.first_bin.push_back(std::max(first, 0));
    bank.offset.push_back(static_cast<int>(bank.weights.size()));
  }
  return bank;
}

std::vector<double> mel_window(const MelPreset& preset) {
  std::vector<double> window(static_cast<std::size_t>(preset.n_fft));
  const int length = preset.window_length();
  const double period = preset.window == MelWindow::hann ? length : length - 1;
  for (int n = 0; n < length; ++n) {
    double value = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * n / period);
    if (preset.window == MelWindow::povey) value = std::pow(value, 0.85);
    const int at = preset.window_begin() + n;
    window[static_cast<std::size_t>(at)] = value * preset.input_scale;
  }
  return window;
}

}  // namespace kernelgate

#include "bench/peers/kissfft/frame_features.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace kernelgate {
namespace {

/// Base-2 logarithm of a normal number, within 3e-7 absolute or relative, whichever is more; NaN of NaN;
/// about -127 of zero and subnormals, which every preset clamps. Without branches, so that loops over it are
/// vectorised. With x = 2^e m, s = (m - 1) / (m + 1): log2 m = 2 / ln 2 * (s + s^3 / 3 + s^5 / 5 + ...).
inline float log2_normal(float x) {
  constexpr std::uint32_t half_root = 0x3f3504f3u;  // sqrt(1/2): m is in [sqrt(1/2), sqrt(2))
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x) - half_root;
  const float exponent = static_cast<float>(static_cast<std::int32_t>(bits) >> 23);
  const float m = std::bit_cast<float>((bits & 0x007fffffu) + half_root);
  const float s = (m - 1) / (m + 1), q = s * s;
  constexpr float c = 2.8853900817779268f;  // 2 / ln 2
  const float series = c + q * (c / 3 + q * (c / 5 + q * (c / 7 + q * (c / 9))));
  const float value = exponent + s * series;
  return x == x ? value : x;
}

}  // namespace

FrameFeatures::FrameFeatures(const Mel::Problem& problem)
    : preset_(problem.preset), samples_(problem.samples), bank_(mel_filterbank(preset_)) {
  const auto window = mel_window(preset_);
  window_.assign(window.begin(), window.end());
}

void FrameFeatures::window(const float* clip, std::int64_t frame, float* out) const {
  const int n_fft = preset_.n_fft;
  const std::int64_t begin = frame * preset_.hop - preset_.samples_before();
  const float k = static_cast<float>(preset_.preemphasis);
  if (begin >= 1 && begin + n_fft <= samples_) {
    const float* x = clip + begin;
    if (k == 0)
      for (int n = 0; n < n_fft; ++n) out[n] = window_[static_cast<std::size_t>(n)] * x[n];
    else
      for (int n = 0; n < n_fft; ++n) out[n] = window_[static_cast<std::size_t>(n)] * (x[n] - k * x[n - 1]);
    return;
  }
  for (int n = 0; n < n_fft; ++n) {
    const std::int64_t at = padded_index(preset_.padding, begin + n, samples_);
    const float y = at < 0 ? 0 : k == 0 || at == 0 ? clip[at] : clip[at] - k * clip[at - 1];
    out[n] = window_[static_cast<std::size_t>(n)] * y;
  }
}

void FrameFeatures::filter(const float* spectrum, float* power, float* mels, std::int64_t stride) const {
  const int bins = preset_.bins();
  for (int k = 0; k < bins; ++k)
    power[k] = spectrum[2 * k] * spectrum[2 * k] + spectrum[2 * k + 1] * spectrum[2 * k + 1];
  if (!preset_.power)
    for (int k = 0; k < bins; ++k) power[k] = std::sqrt(power[k]);
  const float* weight = bank_.weights.data();
  for (int m = 0; m < preset_.n_mels; ++m) {
    const float* p = power + bank_.first_bin[static_cast<std::size_t>(m)];
    float sum = 0;
    for (int taps = bank_.taps(m); taps > 0; --taps) sum += *weight++ * *p++;
    mels[m * stride] = sum;
  }
}

float FrameFeatures::logarithm(const float* mels, float* features, std::int64_t count) const {
  const float scale = static_cast<float>(preset_.log_scale * std::log10(2.0));
  const float offset = static_cast<float>(preset_.log_offset);
  const float lowest = static_cast<float>(preset_.lowest), highest = static_cast<float>(preset_.highest);
  for (std::int64_t i = 0; i < count; ++i) {
    float v = scale * log2_normal(mels[i]) + offset;
    v = v < lowest ? lowest : v;  // NaN stays
    features[i] = v > highest ? highest : v;
  }
  float largest = lowest;
  for (std::int64_t i = 0; i < count; ++i) largest = features[i] <= largest ? largest : features[i];  // NaN is taken
  for (std::int64_t i = 0; i < count; ++i)
    if (std::isnan(features[i])) return features[i];
  return largest;
}

void FrameFeatures::raise(float* features, std::int64_t count, float floor) {
  for (std::int64_t i = 0; i < count; ++i) features[i] = features[i] >= floor ? features[i] : floor;
}

}  // namespace kernelgate

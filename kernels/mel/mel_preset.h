#pragma once
// What a log-mel spectrogram is made of: every choice that its numbers depend on.

#include <cstdint>
#include <string>
#include <string_view>

namespace kernelgate {

/// hann_symmetric has its zeros at both ends of the window, hann at its start alone; povey is hann_symmetric to the
/// power 0.85.
enum class MelWindow { hann, hann_symmetric, povey };

/// What stands beyond the clip's ends. reflect: the clip backwards, without its first sample (numpy "reflect");
/// reflect_edge: with it (numpy "symmetric", Kaldi); both repeated as often as it takes. zero: zeros.
enum class MelPadding { reflect, reflect_edge, zero };

/// slaney: linear below 1000 Hz, logarithmic above. htk: 2595 log10(1 + f / 700), triangles in hertz. kaldi: the same
/// scale, triangles in mels.
enum class MelScale { slaney, htk, kaldi };

/// One way to turn audio into features, on a 0-based clip of `samples` samples:
///
///   y    = input_scale * x, or pre-emphasised over the whole clip: y[0] = x[0], y[n] = x[n] - preemphasis * x[n-1]
///   s    = |rfft(window * y[hop*t - lead ...])|, squared if `power`; y is continued beyond both ends as `padding`
///   says.
///          The window is `win` samples long, in the middle of the n_fft, or at their beginning if `window_first`.
///          With `frame_by_frame` the mean of the frame's window is taken away first, and the pre-emphasis is inside
///          the frame, whose first sample is taken for the one before it.
///   m    = filterbank * s (see MelFilterbank)
///   v    = min(max(log_scale * log10(m + log_add) + log_offset, lowest), highest), or m where `logarithm` is false
///   out  = max(v, largest v of the clip - dynamic_range), or v if dynamic_range is 0; then, with `per_feature`, each
///          filter's values over the clip get mean 0 and deviation 1: (v - mean) / (deviation + 1e-5)
///
/// The floor that the models put under m before the logarithm is `lowest`, carried through it.
struct MelPreset {
  std::string name;
  int sample_rate = 16000;
  int n_fft = 400;
  int win = 0;  ///< 0: n_fft
  int hop = 160;
  int n_mels = 80;
  double fmin = 0, fmax = 8000;  ///< hertz
  double preemphasis = 0;
  bool power = true;
  bool drop_last_frame = true;
  double log_scale = 0.25, log_offset = 1;
  double lowest = -1.5, highest = 1e30;
  double dynamic_range = 2;
  MelWindow window = MelWindow::hann;
  bool window_first = false;
  MelPadding padding = MelPadding::reflect;
  int lead = -1;  ///< samples of frame 0 that lie before the clip; -1: n_fft / 2, a frame's middle is on hop*t
  bool frame_by_frame = false;
  MelScale scale = MelScale::slaney;
  bool unit_area = true;  ///< filters of area 1 in hertz, else of height 1
  double input_scale = 1;
  bool logarithm = true;
  double log_add = 0;
  bool per_feature = false;
  bool empty_filters = false;  ///< filters that hold no bin are meant: their m is 0
  bool frame_major = false;    ///< features are [frames, n_mels], else [n_mels, frames]
  std::string source = {};     ///< where the definition was read

  int bins() const { return n_fft / 2 + 1; }
  int window_length() const { return win == 0 ? n_fft : win; }
  /// Where the window begins within the n_fft samples.
  int window_begin() const { return window_first ? 0 : (n_fft - window_length()) / 2; }
  int samples_before() const { return lead < 0 ? n_fft / 2 : lead; }
  /// Samples that frame 0 must find, clip and padding together.
  int span() const { return window_first ? window_length() : n_fft; }

  /// 0 for an empty clip, whatever the preset: there is no sample to reflect.
  std::int64_t frames(std::int64_t samples) const {
    const std::int64_t padded = samples + 2 * std::int64_t{samples_before()};
    if (samples <= 0 || padded < span()) return 0;
    return (padded - span()) / hop + (drop_last_frame ? 0 : 1);
  }
};

/// The sample that stands at position p, any integer, of a clip of `samples` >= 1: numpy's "reflect", repeated as often
/// as it takes (period 2 * (samples - 1)); a lone sample stands everywhere.
constexpr std::int64_t reflect_index(std::int64_t p, std::int64_t samples) {
  if (p >= 0 && p < samples) return p;
  if (samples == 1) return 0;
  if (p < 0 && -p < samples) return -p;  // once is the usual, and needs no division
  if (p >= samples && p < 2 * samples - 1) return 2 * (samples - 1) - p;
  const std::int64_t period = 2 * (samples - 1);
  const std::int64_t phase = (p % period + period) % period;
  return phase < samples ? phase : period - phase;
}

/// The same with the edge's sample repeated: period 2 * samples.
constexpr std::int64_t reflect_edge_index(std::int64_t p, std::int64_t samples) {
  if (p >= 0 && p < samples) return p;
  if (p < 0 && p >= -samples) return -1 - p;
  if (p >= samples && p < 2 * samples) return 2 * samples - 1 - p;
  const std::int64_t period = 2 * samples;
  const std::int64_t phase = (p % period + period) % period;
  return phase < samples ? phase : period - 1 - phase;
}

/// The sample at position p, or -1 for a zero.
constexpr std::int64_t padded_index(MelPadding padding, std::int64_t p, std::int64_t samples) {
  if (p >= 0 && p < samples) return p;
  if (padding == MelPadding::zero) return -1;
  return padding == MelPadding::reflect ? reflect_index(p, samples) : reflect_edge_index(p, samples);
}

}  // namespace kernelgate

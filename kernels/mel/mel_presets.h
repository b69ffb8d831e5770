#pragma once
// The mel spectrograms that models were trained on, each with every choice that its numbers depend on.

#include <cstdint>
#include <span>
#include <string_view>

namespace kernelgate {

/// One way to turn 16 kHz speech into log-mel features, on a 0-based clip of `samples` samples:
///
///   y    = x, or pre-emphasised over the whole clip: y[0] = x[0], y[n] = x[n] - preemphasis * x[n-1]
///   s    = |rfft(hann_periodic(n_fft) * y[hop*t - n_fft/2 ...])|, squared if `power`; y is reflected at
///          both ends (see reflect_index), so frame t is centred on sample hop*t
///   m    = slaney filterbank * s (see MelFilterbank)
///   v    = min(max(log_scale * log10(m) + log_offset, lowest), highest)
///   out  = max(v, largest v of the clip - dynamic_range), or v if dynamic_range is 0
///
/// The floor that the models put under m before the logarithm is `lowest`, carried through it.
struct MelPreset {
  std::string_view name;
  int sample_rate = 16000;
  int n_fft = 400;
  int hop = 160;
  int n_mels = 80;
  double fmin = 0, fmax = 8000;  ///< hertz
  double preemphasis = 0;
  bool power = true;
  bool drop_last_frame = true;
  double log_scale = 0.25, log_offset = 1;
  double lowest = -1.5, highest = 1e30;
  double dynamic_range = 2;

  int bins() const { return n_fft / 2 + 1; }
  /// 0 for an empty clip, whatever the preset: there is no sample to reflect.
  std::int64_t frames(std::int64_t samples) const {
    if (samples <= 0) return 0;
    return samples / hop + (drop_last_frame ? 0 : 1);
  }
};

/// whisper80, whisper128, wav2lip80.
///
/// Whisper: log10(max(m, 1e-10)), not more than 8 below the largest of the clip, (v + 4) / 4. OpenAI's code
/// takes the largest over all that it is given, Hugging Face's per clip; here it is per clip, so that what
/// else is in a batch changes nothing.
/// Wav2Lip: 20 log10(max(1e-5, m)) - 20, then clip(8 * (S + 100) / 100 - 4, -4, 4).
///
/// Source  openai/whisper audio.py (c0d2f62); Wav2Lip audio.py, hparams.py (5c90fa9), with librosa 0.7.
std::span<const MelPreset> mel_presets();

/// Errors  InvalidProblem, with the names there are.
const MelPreset& mel_preset(std::string_view name);

/// The sample that stands at position p, any integer, of a clip of `samples` >= 1: numpy's "reflect",
/// repeated as often as it takes (period 2 * (samples - 1)); a lone sample stands everywhere.
constexpr std::int64_t reflect_index(std::int64_t p, std::int64_t samples) {
  if (p >= 0 && p < samples) return p;
  if (samples == 1) return 0;
  const std::int64_t period = 2 * (samples - 1);
  const std::int64_t phase = (p % period + period) % period;
  return phase < samples ? phase : period - phase;
}

}  // namespace kernelgate

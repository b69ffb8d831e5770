#include "kernels/mel/mel_presets.h"

#include <string>
#include <vector>

#include "kernels/op/error.h"

namespace kernelgate {
namespace {

constexpr double ln10 = 2.302585092994046;

// log10(max(m, 1e-10)), not more than 8 below the largest of the clip, (v + 4) / 4. OpenAI's code takes the largest
// over all that it is given, Hugging Face's per clip; here it is per clip, so that what else is in a batch changes
// nothing.
MelPreset whisper(const char* name, int n_mels) {
  return {.name = name, .n_mels = n_mels, .source = "openai/whisper, whisper/audio.py (c0d2f62)"};
}

const std::vector<MelPreset>& presets() {
  static const std::vector<MelPreset> all{
      whisper("whisper80", 80),
      whisper("whisper128", 128),
      {.name = "wav2lip80",
       .n_fft = 800,
       .hop = 200,
       .fmin = 55,
       .fmax = 7600,
       .preemphasis = 0.97,
       .power = false,
       .drop_last_frame = false,
       // 8 * (20 log10 m - 20 + 100) / 100 - 4; the floor of 1e-5 is below the clip at -4.
       .log_scale = 1.6,
       .log_offset = 2.4,
       .lowest = -4,
       .highest = 4,
       .dynamic_range = 0,
       .source = "Rudrabha/Wav2Lip, audio.py and hparams.py (5c90fa9), with librosa 0.7"},
      // ln(m + 2^-24), then each filter's mean and deviation over the clip.
      {.name = "nemo80",
       .n_fft = 512,
       .win = 400,
       .preemphasis = 0.97,
       .drop_last_frame = false,
       .log_scale = ln10,
       .log_offset = 0,
       .lowest = -16.635532333438686,  // ln(2^-24)
       .dynamic_range = 0,
       .window = MelWindow::hann_symmetric,
       .log_add = 0x1p-24,
       .per_feature = true,
       .source = "NVIDIA/NeMo, FilterbankFeatures (024c600), without dither"},
      // ln(max(m, FLT_EPSILON)) of samples as 16-bit integers; frames that fit into the clip only.
      {.name = "kaldi80",
       .n_fft = 512,
       .win = 400,
       .fmin = 20,
       .preemphasis = 0.97,
       .drop_last_frame = false,
       .log_scale = ln10,
       .log_offset = 0,
       .lowest = -15.942385152878742,  // ln(2^-23)
       .dynamic_range = 0,
       .window = MelWindow::povey,
       .window_first = true,
       .padding = MelPadding::reflect_edge,
       .lead = 0,
       .frame_by_frame = true,
       .scale = MelScale::kaldi,
       .unit_area = false,
       .input_scale = 32768,
       .frame_major = true,
       .source = "kaldi-asr/kaldi, compute-fbank-feats with snip-edges (f400766), 80 bins, without dither"},
      // ln(max(m, 1e-5)) of a magnitude; the reflection is (n_fft - hop) / 2 long.
      {.name = "hifigan80",
       .sample_rate = 22050,
       .n_fft = 1024,
       .hop = 256,
       .power = false,
       .drop_last_frame = false,
       .log_scale = ln10,
       .log_offset = 0,
       .lowest = -11.512925464970229,  // ln(1e-5)
       .dynamic_range = 0,
       .lead = 384,
       .source = "jik876/hifi-gan, meldataset.py (from memory)"},
      // melspectrogram, then power_to_db with its defaults: amin 1e-10, top_db 80.
      {.name = "librosa128",
       .sample_rate = 22050,
       .n_fft = 2048,
       .hop = 512,
       .n_mels = 128,
       .fmax = 11025,
       .drop_last_frame = false,
       .log_scale = 10,
       .log_offset = 0,
       .lowest = -100,
       .dynamic_range = 80,
       .padding = MelPadding::zero,
       .source = "librosa, feature.melspectrogram and power_to_db (b7e7bf4)"},
      {.name = "torchaudio128",
       .hop = 200,
       .n_mels = 128,
       .drop_last_frame = false,
       .lowest = 0,
       .dynamic_range = 0,
       .scale = MelScale::htk,
       .unit_area = false,
       .logarithm = false,
       .empty_filters = true,
       .source = "torchaudio, transforms.MelSpectrogram with its defaults; four filters hold no bin"},
  };
  return all;
}

}  // namespace

std::span<const MelPreset> mel_presets() { return presets(); }

const MelPreset& mel_preset(std::string_view name) {
  std::string names;
  for (const auto& preset : presets()) {
    if (preset.name == name) return preset;
    names += (names.empty() ? "" : ", ") + preset.name;
  }
  throw InvalidProblem("mel: no preset is named '" + std::string(name) + "'; there are " + names);
}

}  // namespace kernelgate

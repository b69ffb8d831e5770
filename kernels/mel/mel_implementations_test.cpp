// Each implementation of mel against the reference and the golden values, on every device there is.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "kernels/mel/mel.h"
#include "kernels/mel/mel_for_test.h"
#include "kernels/op/op_for_test.h"

namespace kernelgate {
namespace {

class MelOn : public OpOn<Mel> {
 protected:
  /// The features of each implementation, each checked against the reference, and the same in both launches.
  /// The first is of the implementation that takes every problem, where a device has several.
  std::vector<std::vector<double>> run(const Mel::Problem& problem, std::size_t misalign_elements = 0) {
    const std::vector<Output> outputs = prove(problem, {.seed = 1, .misalign_elements = misalign_elements});
    std::vector<std::vector<double>> features;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const auto& values = outputs[i].values;
      features.push_back(values);
      const bool again = i > 0 && outputs[i - 1].by.name == outputs[i].by.name;
      if (again && std::ranges::none_of(values, [](double v) { return std::isnan(v); })) {
        EXPECT_EQ(outputs[i - 1].values, values) << outputs[i].by.name << " is not deterministic";
      }
    }
    EXPECT_FALSE(features.empty());  // so that no test loops over nothing
    if (features.empty()) features.emplace_back();
    return features;
  }
};

TEST_P(MelOn, HaveTheGoldenValues) {
  for (const Golden& golden : goldens) {
    SCOPED_TRACE(golden.preset);
    for (const auto& got : run(problem_of(golden.preset, golden_noise())))
      expect_golden(golden, got, golden.preset == "wav2lip80" ? 2e-5 : 2e-6);
  }
}

TEST_P(MelOn, AwkwardLengths) {
  for (const std::int64_t samples : {1, 2, 159, 160, 161, 199, 200, 201, 399, 997, 3999, 7919})
    for (const std::string_view preset : {"whisper80", "whisper128", "wav2lip80"}) run(synthetic(preset, samples));
}

TEST_P(MelOn, EveryPresetAtItsEdges) {
  for (const MelPreset& preset : mel_presets()) {
    std::vector<std::int64_t> lengths{1, preset.n_fft / 2, preset.n_fft + 1};
    for (const int frames : {3, 33}) lengths.push_back(std::int64_t{frames} * preset.hop);
    for (const std::int64_t samples : lengths)
      if (preset.frames(samples) > 0) run(synthetic(preset.name, samples));
  }
}

TEST_P(MelOn, SixteenBitSamplesAndHalfFeatures) {
  for (const MelPreset& preset : mel_presets())
    for (const auto& [input, output] :
         {std::pair(Type::i16, Type::f32), {Type::i16, Type::f16}, {Type::f32, Type::f16}}) {
      Mel::Problem problem = synthetic(preset.name, 3001, 2);
      problem.input = input;
      problem.output = output;
      const bool ours_declines = GetParam() != DeviceKind::cpu && preset.per_feature && output == Type::f16;
      if (!ours_declines) run(problem);
    }
}

// A sample is a 32768th: the same audio in either type has the same features, to the last bit.
TEST_P(MelOn, SixteenBitSamplesAreThoseNumbers) {
  for (const MelPreset& preset : mel_presets()) {
    Audio noise = golden_noise();
    noise.resize(4000);
    Mel::Problem problem = problem_of(preset.name, noise);
    const auto single = run(problem);
    problem.input = Type::i16;
    const auto half = run(problem);
    EXPECT_EQ(single.front(), half.front()) << preset.name;
  }
}

TEST_P(MelOn, ClipsOfUnequalLengths) {
  const auto lengths =
      std::make_shared<const std::vector<std::int64_t>>(std::vector<std::int64_t>{8000, 1, 0, 3919, 3200, 159, 2345});
  for (const MelPreset& preset : mel_presets()) {
    Mel::Problem problem = synthetic(preset.name, 8000, std::ssize(*lengths));
    problem.lengths = lengths;
    const auto all = run(problem);
    // A clip's features are its own: the first clip alone has the same bits.
    Mel::Problem alone = synthetic(preset.name, 8000);
    const auto one = run(alone);
    const auto count = static_cast<std::ptrdiff_t>(alone.feature_count());
    EXPECT_TRUE(std::equal(one.front().begin(), one.front().end(), all.front().begin(), all.front().begin() + count))
        << preset.name;
  }
}

TEST_P(MelOn, AStreamInChunksHasTheBitsOfTheWhole) {
  for (const MelPreset& preset : mel_presets())
    for (const std::int64_t samples : {std::int64_t{161}, std::int64_t{2 * preset.n_fft + 7}, std::int64_t{8001}}) {
      if (preset.frames(samples) == 0) continue;
      Mel::Problem problem = synthetic(preset.name, samples);
      const auto whole = run(problem);
      for (const std::int64_t chunk : {preset.sample_rate / 5, 37, 1}) {
        // A launch a sample: short clips show all that there is to it.
        if ((chunk <= 37 && samples > 5000) || (chunk == 1 && samples > 1000)) continue;
        problem.chunk = chunk;
        EXPECT_EQ(run(problem).front(), whole.front()) << preset.name << ", " << samples << " by " << chunk;
      }
    }
}

TEST_P(MelOn, SilenceHasTheDocumentedValues) {
  const std::pair<std::string_view, double> silence[] = {
      {"whisper80", -1.5},  {"wav2lip80", -4},    {"kaldi80", std::log(0x1p-23)}, {"nemo80", 0},
      {"librosa128", -100}, {"torchaudio128", 0}, {"hifigan80", std::log(1e-5)}};
  for (const auto& [preset, value] : silence)
    for (const auto& got : run(problem_of(preset, Audio(8000, 0.0f))))
      for (const double v : got) ASSERT_EQ(v, static_cast<double>(static_cast<float>(value))) << preset;
}

TEST_P(MelOn, EmptyClips) {
  for (const MelPreset& preset : mel_presets()) {
    run(synthetic(preset.name, 0, 3));
    run(synthetic(preset.name, 16000, 0));
  }
}

TEST_P(MelOn, MisalignedByOneElement) {
  for (const MelPreset& preset : mel_presets()) run(synthetic(preset.name, 2003, 3), 1);
}

TEST_P(MelOn, TilesAndClipsTogether) {
  // Whole tiles of frames of the kernels, one less, one more.
  for (const std::int64_t frames : {20, 21, 22, 42}) run(synthetic("whisper80", frames * 160, 2));
  for (const std::int64_t frames : {17, 18, 19, 36}) run(synthetic("wav2lip80", (frames - 1) * 200, 2));
  for (const std::int64_t frames : {239, 240, 241}) run(synthetic("whisper80", frames * 160, 2));
}

TEST_P(MelOn, ALongClip) {
  run(synthetic("whisper128", 160000));
  run(synthetic("wav2lip80", 64000));
}

TEST_P(MelOn, EveryClipHasItsOwnMaximum) {
  Audio audio = golden_noise();
  const Audio quiet(16000, 0.0f), whistle = tone(1000, 0.5), click = impulse(16000, 8000);
  for (const Audio* part : {&quiet, &whistle, &click}) audio.insert(audio.end(), part->begin(), part->end());
  for (const auto& got : run(problem_of("whisper80", audio, 4))) {
    for (std::size_t i = 8000; i < 16000; ++i) ASSERT_EQ(got[i], -1.5) << "digital silence, " << i;
    EXPECT_NEAR(*std::max_element(got.begin() + 16000, got.begin() + 24000), 1.439651665, 2e-6);
    EXPECT_NEAR(*std::min_element(got.begin() + 24000, got.end()), -1.392209, 2e-6);
  }
  for (const auto& got : run(problem_of("wav2lip80", audio, 4)))
    for (std::size_t i = 80 * 81; i < 2 * 80 * 81; ++i) ASSERT_EQ(got[i], -4.0) << "digital silence, " << i;
}

TEST_P(MelOn, NanPoisonsTheClipThatItIsIn) {
  Audio audio(9600, 0.25f);
  audio[3200 + 1601] = NAN;
  for (const auto& got : run(problem_of("whisper80", audio, 3)))
    for (std::size_t i = 0; i < got.size(); ++i)
      ASSERT_EQ(std::isnan(got[i]), i >= 80 * 20 && i < 2 * 80 * 20) << i;  // all of the second clip
  for (const auto& got : run(problem_of("wav2lip80", audio, 3)))
    for (std::size_t i = 0; i < got.size(); ++i) {
      const std::size_t clip = i / (80 * 17), frame = i % 17;
      // Samples 1601 and, through the pre-emphasis, 1602: frame t holds 200 t - 400 .. 200 t + 399.
      ASSERT_EQ(std::isnan(got[i]), clip == 1 && frame >= 7 && frame <= 10) << i;
    }
}

INSTANTIATE_TEST_SUITE_P(Devices, MelOn, every_device(), device_name);

}  // namespace
}  // namespace kernelgate

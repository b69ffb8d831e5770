// Each implementation of mel against the reference and the golden values, on every device there is.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/mel/mel.h"
#include "kernels/mel/mel_for_test.h"
#include "kernels/op/op_for_test.h"

namespace kernelgate {
namespace {

class MelOn : public OpOn<Mel> {
 protected:
  /// The features of each implementation, each checked against the reference, and the same in both launches.
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

TEST_P(MelOn, EmptyClips) {
  for (const MelPreset& preset : mel_presets()) {
    run(synthetic(preset.name, 0, 3));
    run(synthetic(preset.name, 16000, 0));
  }
}

TEST_P(MelOn, MisalignedByOneElement) {
  for (const MelPreset& preset : mel_presets()) run(synthetic(preset.name, 5003, 3), 1);
}

TEST_P(MelOn, TilesAndClipsTogether) {
  // Whole tiles of frames of the kernels, one less, one more.
  for (const std::int64_t frames : {20, 21, 22, 42}) run(synthetic("whisper80", frames * 160, 2));
  for (const std::int64_t frames : {17, 18, 19, 36}) run(synthetic("wav2lip80", (frames - 1) * 200, 2));
}

TEST_P(MelOn, ALongClip) {
  run(synthetic("whisper128", 480000));
  run(synthetic("wav2lip80", 160000));
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

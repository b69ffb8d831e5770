#pragma once
// The signals and golden values that the tests of mel share.

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <numbers>
#include <numeric>
#include <string_view>
#include <vector>

#include "kernels/mel/mel.h"

namespace kernelgate {

using Audio = std::vector<float>;

inline Mel::Problem problem_of(std::string_view preset, Audio audio, std::int64_t clips = 1) {
  const std::int64_t samples = std::ssize(audio) / clips;
  return {mel_preset(preset), samples, clips, std::make_shared<const Audio>(std::move(audio)), "test"};
}

inline Mel::Problem synthetic(std::string_view preset, std::int64_t samples, std::int64_t clips = 1) {
  return {.preset = mel_preset(preset), .samples = samples, .clips = clips};
}

/// 16-bit noise from a linear congruential generator: the signal of the golden values.
inline Audio golden_noise() {
  Audio audio;
  std::uint64_t state = 12345;
  for (int i = 0; i < 16000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    audio.push_back(static_cast<float>((static_cast<int>(state >> 48) - 32768) / 32768.0));
  }
  return audio;
}

inline Audio tone(double hertz, double level, int samples = 16000) {
  Audio audio;
  for (int n = 0; n < samples; ++n)
    audio.push_back(static_cast<float>(level * std::sin(2 * std::numbers::pi * hertz * n / 16000)));
  return audio;
}

inline Audio impulse(int samples, int at) {
  Audio audio(static_cast<std::size_t>(samples), 0.0f);
  audio[static_cast<std::size_t>(at)] = 1;
  return audio;
}

inline double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

struct Golden {
  std::string_view preset;
  std::int64_t frames;
  double first, inner, last, mean;  // [0, 0], [10, 50], [n_mels - 1, frames - 1]
};

// Computed in float64 from the definitions, apart from this code, on the noise above.
inline const Golden goldens[] = {{"whisper80", 100, 0.859189333, 1.084510597, 1.014358649, 0.994883999},
                                 {"whisper128", 100, 0.783430132, 0.905191957, 0.972877478, 0.979983881},
                                 {"wav2lip80", 81, -0.675478886, 0.615165946, 2.168242477, 1.405048360}};

// The golden weights were rounded to float32 elsewhere: one unit in the last place of a weight.
inline constexpr double golden_error = 3e-8;

inline void expect_golden(const Golden& golden, const std::vector<double>& got, double error) {
  ASSERT_EQ(std::ssize(got), golden.frames * mel_preset(golden.preset).n_mels);
  EXPECT_NEAR(got.front(), golden.first, error);
  EXPECT_NEAR(got[static_cast<std::size_t>(10 * golden.frames + 50)], golden.inner, error);
  EXPECT_NEAR(got.back(), golden.last, error);
  EXPECT_NEAR(mean(got), golden.mean, error);
}

}  // namespace kernelgate

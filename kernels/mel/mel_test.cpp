// mel's tables and reference against golden values, and against sums written out.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "kernels/mel/fourier.h"
#include "kernels/mel/librosa_filters_for_test.h"
#include "kernels/mel/mel.h"
#include "kernels/mel/mel_filterbank.h"
#include "kernels/mel/mel_for_test.h"
#include "kernels/op/random.h"

namespace kernelgate {
namespace {

std::vector<double> reference_of(const Mel::Problem& problem) {
  Audio audio(static_cast<std::size_t>(problem.audio_count()));
  void* pointer = audio.data();
  Mel::fill(problem, 1, {&pointer, 1});
  std::vector<std::int64_t> indices(static_cast<std::size_t>(problem.feature_count()));
  std::iota(indices.begin(), indices.end(), std::int64_t{0});
  std::vector<Expected> expected(indices.size());
  Mel::reference(problem, {audio.data(), nullptr}, indices, expected);
  std::vector<double> values;
  for (const auto& e : expected) values.push_back(e.value);
  return values;
}

// One second of silence but for a click of one sample: |X| is the same in each bin of a frame that holds it, so its
// bound is a sum that one can write down. The cap of a power preset is 5e-5, and here the derivation is below it.
TEST(MelReference, TheBoundOfAClickIsWhatItsDerivationSays) {
  const Mel::Problem problem = synthetic("whisper80", 16000);
  const MelPreset& preset = problem.preset;
  Audio audio(static_cast<std::size_t>(problem.audio_count()));
  constexpr std::int64_t frame = 40;
  audio[static_cast<std::size_t>(frame * preset.hop)] = 0.5f;  // in the middle of the window, where that is 1
  const MelFilterbank bank = mel_filterbank(preset);
  constexpr double u = 0x1p-24, x = 0.5, head_room = 0.25;
  for (const int mel : {0, 20, 79}) {
    const std::int64_t index = mel * problem.frames() + frame;
    Expected expected;
    Mel::reference(problem, {audio.data(), nullptr}, {&index, 1}, {&expected, 1});
    double weights = 0;
    for (int tap = 0; tap < bank.taps(mel); ++tap)
      weights += bank.weights[static_cast<std::size_t>(bank.offset[static_cast<std::size_t>(mel)] + tap)];
    const double m = weights * x * x;
    // What f32 does: a quarter of beta, since four times the measured error of a transform is allowed for.
    const double beta = head_room * 6 * u * std::sqrt(preset.n_fft) * x;
    const double relative = (2 * weights * x * beta + weights * beta * beta + u * (bank.taps(mel) + 6) * m) / m;
    const double logarithm = preset.log_scale * (std::log10(1 + relative) +
                                                 0x1p-22 * std::max(1.0, std::abs(std::log2(m))) * std::log10(2.0));
    EXPECT_GE(expected.bound, logarithm) << "filter " << mel;
    EXPECT_LE(expected.bound, 4.5 * logarithm) << "filter " << mel;
  }
}

TEST(MelFilterbank, SlaneyScaleHasItsPublishedValues) {
  EXPECT_NEAR(hz_to_mel(60), 0.9, 1e-12);
  EXPECT_NEAR(hz_to_mel(110), 1.65, 1e-12);
  EXPECT_NEAR(hz_to_mel(440), 6.6, 1e-12);
  EXPECT_NEAR(mel_to_hz(3), 200, 1e-9);
  for (double hertz : {999.0, 1000.0, 4321.0}) EXPECT_NEAR(mel_to_hz(hz_to_mel(hertz)), hertz, 1e-9);
}

TEST(MelFilterbank, HasLibrosasOwnWeights) {
  for (const LibrosaFilter& theirs : librosa_filters) {
    const MelFilterbank bank = mel_filterbank(mel_preset(theirs.preset));
    SCOPED_TRACE(std::string(theirs.preset) + ", filter " + std::to_string(theirs.mel));
    ASSERT_EQ(bank.taps(theirs.mel), theirs.taps);
    double largest = 0, sum = 0;
    for (int tap = 0; tap < theirs.taps; ++tap) {
      const double w = bank.weights[static_cast<std::size_t>(bank.offset[static_cast<std::size_t>(theirs.mel)] + tap)];
      if (tap == 0) {
        EXPECT_NEAR(w, theirs.first, 2e-7 * theirs.largest);
      }
      largest = std::max(largest, w);
      sum += w;
    }
    if (theirs.taps > 0) {
      EXPECT_EQ(bank.first_bin[static_cast<std::size_t>(theirs.mel)], theirs.first_bin);
    }
    EXPECT_NEAR(largest, theirs.largest, 2e-7 * theirs.largest);
    EXPECT_NEAR(sum, theirs.sum, 2e-7 * theirs.sum);
  }
}

TEST(MelPreset, RefusesWhatCannotBeComputed) {
  const auto refused = [](auto change) {
    MelPreset preset = mel_preset("whisper80");
    change(preset);
    try {
      validate_mel_preset(preset);
    } catch (const InvalidProblem& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(refused([](MelPreset& p) { p.fmax = 8001; }).find("fmax is 8001"), std::string::npos);
  EXPECT_NE(refused([](MelPreset& p) { p.n_mels = 200; }).find("lies between two bins"), std::string::npos);
  EXPECT_NE(refused([](MelPreset& p) { p.lowest = NAN; }).find("lowest is"), std::string::npos);
  EXPECT_NE(refused([](MelPreset& p) { p.n_fft = 401; }).find("even"), std::string::npos);
  EXPECT_NE(refused([](MelPreset& p) { p.win = 401; }).find("win is 401"), std::string::npos);
  for (const MelPreset& preset : mel_presets()) EXPECT_NO_THROW(validate_mel_preset(preset)) << preset.name;
}

TEST(MelFilterbank, EveryBinFeedsAtMostTwoFilters) {
  const std::pair<std::string_view, std::size_t> weights[] = {
      {"whisper80", 391}, {"whisper128", 394}, {"wav2lip80", 739},   {"nemo80", 500},
      {"kaldi80", 501},   {"hifigan80", 727},  {"librosa128", 2018}, {"torchaudio128", 395}};
  for (const auto& [name, count] : weights) {
    const MelPreset& preset = mel_preset(name);
    const MelFilterbank bank = mel_filterbank(preset);
    EXPECT_EQ(bank.weights.size(), count) << name;
    int empty = 0;
    std::vector<int> uses(static_cast<std::size_t>(preset.bins()));
    for (int m = 0; m < preset.n_mels; ++m) {
      if (bank.taps(m) == 0) ++empty;
      for (int tap = 0; tap < bank.taps(m); ++tap)
        ++uses[static_cast<std::size_t>(bank.first_bin[static_cast<std::size_t>(m)] + tap)];
    }
    EXPECT_LE(*std::ranges::max_element(uses), 2) << name;
    EXPECT_EQ(empty, name == "torchaudio128" ? 4 : 0) << name;
  }
}

TEST(Fourier, EqualsTheSumWrittenOut) {
  for (int size : {1, 2, 3, 7, 20, 97, 400, 800}) {
    Random random(static_cast<std::uint64_t>(size));
    std::vector<double> x(static_cast<std::size_t>(size));
    for (double& v : x) v = random.normal();
    std::vector<std::complex<double>> got(x.size());
    Fourier(size).transform(x, got);
    for (int k = 0; k < size; ++k) {
      std::complex<double> sum = 0;
      for (int n = 0; n < size; ++n)
        sum += x[static_cast<std::size_t>(n)] *
               std::polar(1.0, -2 * std::numbers::pi * (static_cast<long>(k) * n % size) / size);
      EXPECT_LT(std::abs(got[static_cast<std::size_t>(k)] - sum), 1e-12 * size) << size << " bin " << k;
    }
  }
}

TEST(MelReflect, IsNumpysRepeatedReflection) {
  // numpy.pad([0, 1, 2], (5, 5), mode="reflect")
  const int three[] = {1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1};
  for (int p = -5; p < 8; ++p) EXPECT_EQ(reflect_index(p, 3), three[p + 5]) << p;
  for (int p = -9; p < 9; ++p) {
    EXPECT_EQ(reflect_index(p, 1), 0) << p;
    EXPECT_EQ(reflect_index(p, 2), std::abs(p) % 2) << p;
  }
}

TEST(MelReference, HasTheGoldenValues) {
  for (const Golden& golden : goldens) {
    SCOPED_TRACE(golden.preset);
    expect_golden(golden, reference_of(problem_of(golden.preset, golden_noise())), golden_error);
  }
}

TEST(MelReference, HasTheGoldenValuesOfAToneAndAnImpulse) {
  // The middle frame: at the ends the reflection bends the tone.
  const auto peak = [](const std::vector<double>& v, std::size_t frames) {
    std::size_t row = 0;
    for (std::size_t m = 0; m < 80; ++m)
      if (v[m * frames + 40] > v[row * frames + 40]) row = m;
    return std::pair(row, v[row * frames + 40]);
  };
  const auto whisper = peak(reference_of(problem_of("whisper80", tone(1000, 0.5))), 100);
  EXPECT_EQ(whisper.first, 26u);
  EXPECT_NEAR(whisper.second, 1.439651665, golden_error);
  const auto wav2lip = peak(reference_of(problem_of("wav2lip80", tone(1000, 0.5))), 81);
  EXPECT_EQ(wav2lip.first, 25u);
  EXPECT_NEAR(wav2lip.second, 2.550349958, golden_error);

  const auto click = reference_of(problem_of("whisper80", impulse(16000, 8000)));
  EXPECT_NEAR(click[50], 0.598886609, 1e-7);
  EXPECT_NEAR(*std::ranges::min_element(click), -1.392209, 1e-6);
}

/// Wav2Lip's definition by the letter, for a clip shorter than the padding: pre-emphasis of the clip, then
/// padding by going back and forth, then sums.
TEST(MelReference, PreEmphasisComesBeforeTheReflection) {
  const MelPreset& preset = mel_preset("wav2lip80");
  const Audio x = [] {
    Audio audio = golden_noise();
    audio.resize(150);
    return audio;
  }();
  std::vector<double> y{x[0]};
  for (std::size_t n = 1; n < x.size(); ++n) y.push_back(x[n] - 0.97 * x[n - 1]);
  std::vector<double> frame(800);
  for (int i = 400, at = 0, step = 1; i < 800; ++i) {  // to the right, turning at the ends
    frame[static_cast<std::size_t>(i)] = y[static_cast<std::size_t>(at)];
    if (at + step < 0 || at + step >= 150) step = -step;
    at += step;
  }
  for (int i = 399, at = 1, step = 1; i >= 0; --i) {  // to the left: the first step goes back into the clip
    frame[static_cast<std::size_t>(i)] = y[static_cast<std::size_t>(at)];
    if (at + step < 0 || at + step >= 150) step = -step;
    at += step;
  }
  const MelFilterbank bank = mel_filterbank(preset);
  const auto got = reference_of(problem_of("wav2lip80", x));
  ASSERT_EQ(std::ssize(got), 80);
  for (int m = 0; m < 80; m += 13) {
    double sum = 0;
    for (int tap = 0; tap < bank.taps(m); ++tap) {
      std::complex<double> bin = 0;
      const int k = bank.first_bin[static_cast<std::size_t>(m)] + tap;
      for (int n = 0; n < 800; ++n)
        bin += frame[static_cast<std::size_t>(n)] * (0.5 - 0.5 * std::cos(2 * std::numbers::pi * n / 800)) *
               std::polar(1.0, -2 * std::numbers::pi * (k * n % 800) / 800);
      sum += bank.weights[static_cast<std::size_t>(bank.offset[static_cast<std::size_t>(m)] + tap)] * std::abs(bin);
    }
    const double s = 20 * std::log10(std::max(1e-5, sum)) - 20;
    EXPECT_NEAR(got[static_cast<std::size_t>(m)], std::clamp(8 * ((s + 100) / 100) - 4, -4.0, 4.0), 1e-9) << m;
  }
}

TEST(Mel, FramesAreThoseOfTheModels) {
  const auto frames = [](std::string_view preset, std::int64_t samples) { return mel_preset(preset).frames(samples); };
  EXPECT_EQ(frames("whisper80", 0), 0);
  EXPECT_EQ(frames("whisper80", 159), 0);
  EXPECT_EQ(frames("whisper80", 160), 1);
  EXPECT_EQ(frames("whisper80", 161), 1);
  EXPECT_EQ(frames("whisper128", 480000), 3000);
  EXPECT_EQ(frames("wav2lip80", 0), 0);
  EXPECT_EQ(frames("wav2lip80", 1), 1);
  EXPECT_EQ(frames("wav2lip80", 199), 1);
  EXPECT_EQ(frames("wav2lip80", 200), 2);
}

TEST(Mel, NamesAreUniqueAndPlain) {
  EXPECT_EQ(Mel::problem_name(synthetic("whisper80", 480000)), "whisper80/30s");
  EXPECT_EQ(Mel::problem_name(synthetic("wav2lip80", 480000, 64)), "wav2lip80/b64x30s");
  EXPECT_EQ(Mel::problem_name(synthetic("whisper80", 3200)), "whisper80/200ms");
  EXPECT_EQ(Mel::problem_name(synthetic("whisper80", 16001)), "whisper80/16001samples");
  EXPECT_EQ(Mel::problem_name(synthetic("whisper80", 0)), "whisper80/0samples");
  auto recorded = problem_of("whisper128", {0.5f});
  recorded.recording_name = "a b/c\xc3\xa9.wav";
  EXPECT_EQ(Mel::problem_name(recorded), "whisper128/file:a_b_c__.wav");
}

TEST(Mel, RefusesWhatCannotBe) {
  EXPECT_THROW(Mel::validate(synthetic("whisper80", -1)), InvalidProblem);
  EXPECT_THROW(Mel::validate(synthetic("whisper80", std::int64_t{1} << 40, 1 << 20)), InvalidProblem);
  EXPECT_THROW(Mel::validate(problem_of("whisper80", {})), InvalidProblem);
  EXPECT_THROW(mel_preset("whisper81"), InvalidProblem);
  EXPECT_NO_THROW(Mel::validate(synthetic("wav2lip80", 0)));
}

TEST(Mel, FillIsTheSameForTheSameSeedAndWithinFullScale) {
  const auto fill = [](std::uint64_t seed) {
    Audio audio(20000);
    void* pointer = audio.data();
    Mel::fill(synthetic("whisper80", 20000), seed, {&pointer, 1});
    return audio;
  };
  const Audio a = fill(7);
  EXPECT_EQ(a, fill(7));
  EXPECT_NE(a, fill(8));
  EXPECT_LE(*std::ranges::max_element(a), 1);
  EXPECT_GE(*std::ranges::min_element(a), -1);
  EXPECT_GT(*std::ranges::max_element(a), 0.1);
}

TEST(Mel, ChecksWholeClips) {
  const auto problem = synthetic("whisper80", 16000, 50);
  EXPECT_EQ(std::ssize(Mel::check_indices(problem, 1e12, 1)), problem.feature_count());
  const auto some = Mel::check_indices(problem, 8 * 5 * Mel::work(problem).flop / 50, 1);
  EXPECT_EQ(std::ssize(some), 5 * 8000);
  EXPECT_EQ(some.front(), 0);
  EXPECT_EQ(some.back(), problem.feature_count() - 1);
  EXPECT_TRUE(Mel::check_indices(synthetic("whisper80", 159), 1e9, 1).empty());
  const auto hour = synthetic("whisper80", 3600 * 16000, 2);  // too many outputs to list: a sample of one clip
  const auto sampled = Mel::check_indices(hour, 1e12, 1);
  EXPECT_GT(std::ssize(sampled), 500'000);
  EXPECT_LT(sampled.back(), hour.feature_count() / 2);
}

}  // namespace
}  // namespace kernelgate

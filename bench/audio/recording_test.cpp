// Recordings read from files that the test writes, a committed FLAC, and every way in which a file is bad.

#include "bench/audio/recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <numbers>

#include "bench/audio/audio_libraries.h"
#include "bench/audio/recording_problems.h"
#include "harness/base/error.h"
#include "harness/base/paths_for_test.h"
#include "kernels/op/any_op.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class RecordingTest : public testing::Test {
 protected:
  void SetUp() override {
#if !KERNELGATE_HAS_AUDIO
    GTEST_SKIP() << "built without libsndfile and libsamplerate";
#endif
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }

  /// Interleaved samples as a WAV of 32-bit floats (`format` 3) or 16-bit integers (1).
  static std::string wav(const std::vector<float>& samples, int rate_hz, int channels, int format = 3) {
    const int width = format == 3 ? 4 : 2;
    std::string out;
    const auto put = [&](std::uint32_t value, int bytes) {
      for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
    };
    const auto size = static_cast<std::uint32_t>(samples.size()) * static_cast<std::uint32_t>(width);
    out += "RIFF";
    put(36 + size, 4);
    out += "WAVEfmt ";
    put(16, 4);
    put(static_cast<std::uint32_t>(format), 2);
    put(static_cast<std::uint32_t>(channels), 2);
    put(static_cast<std::uint32_t>(rate_hz), 4);
    put(static_cast<std::uint32_t>(rate_hz * channels * width), 4);
    put(static_cast<std::uint32_t>(channels * width), 2);
    put(static_cast<std::uint32_t>(8 * width), 2);
    out += "data";
    put(size, 4);
    for (float v : samples)
      format == 3 ? put(std::bit_cast<std::uint32_t>(v), 4)
                  : put(static_cast<std::uint32_t>(static_cast<int>(std::lround(v * 32767))), 2);
    return out;
  }

  static std::vector<float> tone(double hertz, int rate_hz, int count, float level = 0.5f) {
    std::vector<float> samples;
    for (int n = 0; n < count; ++n)
      samples.push_back(level * static_cast<float>(std::sin(2 * std::numbers::pi * hertz * n / rate_hz)));
    return samples;
  }

  /// How strongly a frequency is in the middle of a 16 kHz recording: the amplitude of that tone.
  static double level_at(const std::vector<float>& samples, double hertz) {
    const std::size_t begin = samples.size() / 4, end = begin + samples.size() / 2 / 1600 * 1600;
    double re = 0, im = 0;
    for (std::size_t n = begin; n < end; ++n) {
      const double angle = 2 * std::numbers::pi * hertz * static_cast<double>(n) / 16000;
      re += samples[n] * std::cos(angle);
      im += samples[n] * std::sin(angle);
    }
    return 2 * std::hypot(re, im) / static_cast<double>(end - begin);
  }

  static std::string error_of(const fs::path& path) {
    try {
      read_recording(path);
    } catch (const HarnessError& error) {
      EXPECT_EQ(error.code, ExitCode::usage);
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << "one line";
      EXPECT_THAT(error.what(), HasSubstr(path.string()));
      return error.what();
    }
    return "no error";
  }

  fs::path folder_ = fs::temp_directory_path() / ("kernelgate_recording_" + std::to_string(getpid()));
};

TEST_F(RecordingTest, ReadsMono16kHzAsItIs) {
  const auto samples = tone(440, 16000, 5000);
  const Recording got = read_recording(write("a.wav", wav(samples, 16000, 1)));
  EXPECT_EQ(got.name, "a.wav");
  EXPECT_EQ(got.original_rate_hz, 16000);
  EXPECT_EQ(got.original_channels, 1);
  EXPECT_EQ(got.samples, samples);
  EXPECT_DOUBLE_EQ(got.seconds(), 0.3125);
}

TEST_F(RecordingTest, MixesChannelsToTheirMean) {
  std::vector<float> stereo;
  for (int n = 0; n < 1000; ++n) stereo.insert(stereo.end(), {0.5f, -0.25f, 0.5f});
  const Recording got = read_recording(write("three.wav", wav(stereo, 16000, 3)));
  ASSERT_EQ(got.samples.size(), 1000u);
  EXPECT_EQ(got.original_channels, 3);
  for (float v : got.samples) ASSERT_FLOAT_EQ(v, 0.25f);
}

TEST_F(RecordingTest, Resamples44100Stereo) {
  const auto left = tone(1000, 44100, 44100), right = tone(3000, 44100, 44100);
  std::vector<float> stereo;
  for (std::size_t n = 0; n < left.size(); ++n) stereo.insert(stereo.end(), {left[n], right[n]});
  const Recording got = read_recording(write("cd.wav", wav(stereo, 44100, 2, 1)));
  EXPECT_NEAR(static_cast<double>(got.samples.size()), 16000, 2);
  EXPECT_NEAR(level_at(got.samples, 1000), 0.25, 0.002);
  EXPECT_NEAR(level_at(got.samples, 3000), 0.25, 0.002);
  EXPECT_LT(level_at(got.samples, 2000), 0.001);
}

TEST_F(RecordingTest, Resamples8kHzWithoutImages) {
  const Recording got = read_recording(write("phone.wav", wav(tone(440, 8000, 8000), 8000, 1)));
  EXPECT_NEAR(static_cast<double>(got.samples.size()), 16000, 2);
  EXPECT_NEAR(level_at(got.samples, 440), 0.5, 0.002);
  EXPECT_LT(level_at(got.samples, 8000 - 440), 0.001);
}

TEST_F(RecordingTest, ReadsFlac) {
  const Recording got = read_recording(source_folder() / "bench/audio/testdata/tone_660hz_22050hz.flac");
  EXPECT_EQ(got.original_rate_hz, 22050);
  EXPECT_EQ(got.original_channels, 2);
  EXPECT_NEAR(static_cast<double>(got.samples.size()), 0.4 * 16000, 2);
  EXPECT_NEAR(level_at(got.samples, 660), 0.3, 0.005);
}

TEST_F(RecordingTest, RefusesBadFilesWithTheRemedy) {
  EXPECT_THAT(error_of(folder_ / "none.wav"), HasSubstr("no such file"));
  EXPECT_THAT(error_of(folder_), HasSubstr("is a folder"));
  EXPECT_THAT(error_of(write("empty.wav", "")), HasSubstr("is empty"));
  EXPECT_THAT(error_of(write("text.wav", "this is not audio at all, whatever its name says")),
              AllOf(HasSubstr("is not audio"), HasSubstr("give a WAV or FLAC file")));
  EXPECT_THAT(error_of("/dev/null"), HasSubstr("not a regular file"));
  EXPECT_THAT(error_of(write("zero.wav", wav({}, 16000, 1))), HasSubstr("has no samples"));
  for (float bad : {NAN, INFINITY}) {
    auto samples = tone(440, 16000, 100);
    samples[50] = bad;
    EXPECT_THAT(error_of(write("nan.wav", wav(samples, 16000, 1))), HasSubstr("not numbers or infinite"));
  }
  EXPECT_THAT(error_of(write("slow.wav", wav(tone(1, 10, 100), 10, 1))), HasSubstr("10 Hz"));
}

TEST_F(RecordingTest, RefusesACutFlac) {
  std::ifstream whole(source_folder() / "bench/audio/testdata/tone_660hz_22050hz.flac", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(whole), {}};
  ASSERT_GT(bytes.size(), 1000u);
  EXPECT_THAT(error_of(write("cut.flac", bytes.substr(0, bytes.size() / 2))), HasSubstr("cut short"));
}

TEST_F(RecordingTest, BecomesAProblemOfEveryPreset) {
  const auto first = write("a b.wav", wav(tone(440, 16000, 16000), 16000, 1));
  fs::create_directories(folder_ / "other");
  const auto second = write("other/a b.wav", wav(tone(440, 8000, 8000), 8000, 1));
  add_recordings({first, second});
  std::vector<std::string> names;
  for (const auto& problem : all_problems())
    if (problem->name().find("/file:") != std::string::npos) {
      names.push_back(problem->name());
      EXPECT_THAT(problem->suites(), testing::Contains("smoke"));
      EXPECT_THAT(problem->label(), HasSubstr("1.00 s"));
    }
  EXPECT_THAT(
      names, testing::ElementsAre("whisper80/file:a_b.wav", "whisper128/file:a_b.wav", "wav2lip80/file:a_b.wav",
                                  "whisper80/file:a_b.wav_2", "whisper128/file:a_b.wav_2", "wav2lip80/file:a_b.wav_2"));
  const auto before = all_problems().size();
  const auto click = write("click.wav", wav(tone(440, 16000, 100), 16000, 1));
  EXPECT_THROW(add_recordings({first, click}), HarnessError);
  EXPECT_EQ(all_problems().size(), before) << "nothing is added when one file is bad";
}

}  // namespace
}  // namespace kernelgate

// Recordings read from files that the test writes, a committed FLAC, and every way in which a file is bad.

#include "bench/audio/recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <map>
#include <numbers>

#include "bench/audio/audio_libraries.h"
#include "bench/audio/recording_problems.h"
#include "harness/base/error.h"
#include "harness/base/paths_for_test.h"
#include "kernels/mel/mel_presets.h"
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

TEST_F(RecordingTest, AWavIsReadAsFarAsItGoesAndThatIsSaid) {
  const Recording streamed = read_recording(source_folder() / "bench/audio/testdata/streamed.wav");
  EXPECT_EQ(streamed.samples.size(), 3200u) << "1600 at 8 kHz";
  EXPECT_THAT(streamed.note, HasSubstr("its header gives no length, as of a stream"));
  const Recording cut = read_recording(source_folder() / "bench/audio/testdata/cut.wav");
  EXPECT_EQ(cut.samples.size(), 1456u);
  EXPECT_EQ(cut.note, "cut short: 728 of 1600 samples are there");

  const auto samples = tone(440, 16000, 1000);
  const std::string whole = wav(samples, 16000, 1), stereo = wav(samples, 16000, 2);
  EXPECT_EQ(read_recording(write("whole.wav", whole)).note, "");
  const auto with_size = [&](std::uint32_t size) {
    std::string bytes = whole;
    for (std::size_t i = 0; i < 4; ++i) bytes[40 + i] = static_cast<char>(size >> (8 * i));
    return read_recording(write("sized.wav", bytes));
  };
  for (std::uint32_t unknown : {0u, 0xFFFFFFFFu, 0x7FFFFFFFu, 0x7FFFF000u}) {
    const Recording got = with_size(unknown);
    EXPECT_EQ(got.samples, samples) << unknown;
    EXPECT_THAT(got.note, HasSubstr("no length")) << unknown;
  }
  EXPECT_THAT(with_size(8000).note, HasSubstr("1000 of 2000 samples"));
  // In the middle of a sample of the second channel: what is whole.
  const Recording odd = read_recording(write("odd.wav", stereo.substr(0, stereo.size() - 5)));
  EXPECT_EQ(odd.samples.size(), 499u);
  EXPECT_THAT(odd.note, HasSubstr("499 of 500"));
  // Empty, with another chunk behind it: not a stream.
  EXPECT_THAT(error_of(write("tagged.wav", wav({}, 16000, 1) + "LIST" + std::string("\4\0\0\0", 4) + "INFO")),
              HasSubstr("has no samples"));
}

TEST_F(RecordingTest, BecomesAProblemOfEveryPreset) {
  const auto problems = [] {
    std::map<std::string, std::string> labels;  // by name
    for (const auto& problem : all_problems())
      if (problem->name().find("/file:") != std::string::npos) {
        EXPECT_THAT(problem->suites(), testing::Contains("smoke"));
        EXPECT_THAT(problem->label(), HasSubstr("s, 16000 Hz, mono"));
        labels[problem->name()] = problem->label();
      }
    return labels;
  };
  // Names that no name of a case could hold, and in another order each time: what was recorded is what it is.
  const auto first = write("\xe7\x94\xb2.wav", wav(tone(440, 16000, 16000), 16000, 1)),
             second = write("\xe4\xb9\x99.wav", wav(tone(330, 16000, 8000), 16000, 1));
  EXPECT_TRUE(add_recordings({first, second}).empty());
  const auto both = problems();
  ASSERT_EQ(both.size(), 2 * mel_presets().size());
  const std::string whisper = "whisper80/file:" + read_recording(first).content;
  ASSERT_TRUE(both.contains(whisper)) << both.begin()->first;
  EXPECT_THAT(both.at(whisper), HasSubstr("recording \xe7\x94\xb2.wav: 1.00 s"));
  EXPECT_THAT(both.at("whisper80/file:" + read_recording(second).content), HasSubstr("\xe4\xb9\x99.wav: 0.50 s"));
  add_recordings({second, first});
  EXPECT_EQ(problems(), both);
  // The same under another name is the same.
  const auto copy = write("copy.wav", wav(tone(440, 16000, 16000), 16000, 1));
  add_recordings({copy});
  EXPECT_EQ(problems(), both);
  // Another one of the same name is not.
  fs::create_directories(folder_ / "other");
  add_recordings({write("other/copy.wav", wav(tone(441, 16000, 16000), 16000, 1))});
  EXPECT_EQ(problems().size(), 3 * mel_presets().size());
  // Two files of one recording are one, with both names.
  const auto twin = write("twin.wav", wav(tone(550, 16000, 16000), 16000, 1)),
             twins = write("twin2.wav", wav(tone(550, 16000, 16000), 16000, 1));
  add_recordings({twin, twins});
  EXPECT_EQ(problems().size(), 4 * mel_presets().size());
  EXPECT_THAT(problems().at("whisper80/file:" + read_recording(twin).content), HasSubstr("twin.wav = twin2.wav: 1.00"));
  const auto before = all_problems().size();
  const auto click = write("click.wav", wav(tone(440, 16000, 100), 16000, 1));
  EXPECT_THROW(add_recordings({first, click}), HarnessError);
  EXPECT_EQ(all_problems().size(), before) << "nothing is added when one file is bad";
  std::string cut = wav(tone(660, 16000, 16000), 16000, 1);
  cut.resize(cut.size() / 2);
  EXPECT_THAT(add_recordings({write("cut.wav", cut)}),
              testing::ElementsAre(AllOf(HasSubstr("cut.wav"), HasSubstr("cut short"))));
}

}  // namespace
}  // namespace kernelgate

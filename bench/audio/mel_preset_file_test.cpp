// A user's preset: what is read, and every way in which it is refused.

#include "bench/audio/mel_preset_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "kernels/mel/mel_presets.h"

namespace kernelgate {
namespace {

std::string refusal(const std::string& text) {
  try {
    parse_mel_preset(text, "mine.json");
  } catch (const HarnessError& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  return "accepted";
}

TEST(MelPresetFile, TakesTheRestFromTheOneThatItIsLike) {
  const MelPreset preset = parse_mel_preset(
      R"({"name": "mine", "like": "wav2lip80", "n_mels": 64, "fmax": 7000, "window": "povey", "padding": "zero"})",
      "mine.json");
  EXPECT_EQ(preset.name, "mine");
  EXPECT_EQ(preset.n_fft, 800);
  EXPECT_EQ(preset.hop, 200);
  EXPECT_EQ(preset.n_mels, 64);
  EXPECT_EQ(preset.fmax, 7000);
  EXPECT_EQ(preset.preemphasis, 0.97);
  EXPECT_FALSE(preset.power);
  EXPECT_EQ(preset.window, MelWindow::povey);
  EXPECT_EQ(preset.padding, MelPadding::zero);
  EXPECT_EQ(parse_mel_preset(R"({"name": "mine"})", "mine.json").n_fft, MelPreset{}.n_fft);
}

TEST(MelPresetFile, RefusesInOneLineThatNamesTheField) {
  using testing::HasSubstr;
  const std::pair<const char*, const char*> bad[] = {
      {R"({"name": "mine", "fmax": 8001})", "fmax is 8001, but must be at most half the sample rate, 8000 Hz"},
      {R"({"name": "mine", "n_mels": 200})", "lies between two bins"},
      {R"({"name": "mine", "fmin": 8000})", "fmax is 8000, but must be more than fmin"},
      {R"({"name": "mine", "n_fft": 401})", "n_fft is 401, but must be even"},
      {R"({"name": "mine", "win": 500})", "win is 500"},
      {R"({"name": "mine", "hop": 0})", "hop is 0"},
      {R"({"name": "mine", "log_scale": 1e400})", "mine.json"},
      {R"({"name": "mine", "log_scale": NaN})", "mine.json"},
      {R"({"name": "mine", "log_scale": "loud"})", "log_scale"},
      {R"({"name": "mine", "power": 1})", "power"},
      {R"({"name": "mine", "window": "kaiser"})", "hann, hann_symmetric, povey"},
      {R"({"name": "mine", "windwo": "hann"})", "windwo"},
      {R"({"name": "mine", "like": "whisper81"})", "whisper80, whisper128"},
      {R"({"name": "whisper80"})", "name"},
      {R"({"name": "a/b"})", "name is 'a/b'"},
      {R"({"hop": 160})", "name"},
      {R"([])", "mine.json"},
      {R"({"name": )", "mine.json"}};
  for (const auto& [text, says] : bad) EXPECT_THAT(refusal(text), HasSubstr(says)) << text;
}

TEST(MelPresetFile, EmptyFiltersCanBeMeant) {
  EXPECT_EQ(refusal(R"({"name": "mine", "n_mels": 200, "empty_filters": true})"), "accepted");
}

TEST(MelPresetFile, BuiltInPresetsHoldTheirOwnRules) {
  for (const MelPreset& preset : mel_presets()) EXPECT_NO_THROW(validate_mel_preset(preset)) << preset.name;
  EXPECT_EQ(find_mel_preset("kaldi80").hop, 160);
  EXPECT_THROW(find_mel_preset("kaldi81"), HarnessError);
  EXPECT_THROW(find_mel_preset("no_such_file.json"), HarnessError);
}

}  // namespace
}  // namespace kernelgate

// kernelgate mel: the spectrogram of a recording, as numbers or as a picture.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "bench/audio/mel_preset_file.h"
#include "bench/audio/recording.h"
#include "bench/audio/recording_features.h"
#include "bench/audio/spectrogram_picture.h"
#include "bench/commands/command.h"
#include "harness/base/atomic_file.h"

namespace kernelgate {
namespace {

struct MelArguments {
  std::filesystem::path file, png, csv;
  std::string preset = "whisper80";
};

constexpr const char* mel_footer =
    "Computed on the CPU. --preset takes the name of a built-in preset, or a JSON file with one of your own\n"
    "(docs/mel.md). The picture's axes are in seconds and Hz; the CSV has a line for each frame.\n\n"
    "Examples:\n"
    "  kernelgate mel speech.wav --png speech.png\n"
    "  kernelgate mel speech.flac --preset librosa128 --csv speech.csv";

std::string csv_of(const Spectrogram& s) {
  std::string text = "seconds";
  for (int m = 0; m < s.preset.n_mels; ++m) text += fmt::format(",filter_{}", m);
  text += '\n';
  for (std::int64_t t = 0; t < s.frames; ++t) {
    text += fmt::format("{:.6f}", static_cast<double>(t) * s.preset.hop / s.preset.sample_rate);
    for (int m = 0; m < s.preset.n_mels; ++m)
      text += fmt::format(",{}", s.features[static_cast<std::size_t>(m * s.frames + t)]);
    text += '\n';
  }
  return text;
}

ExitCode mel(const MelArguments& arguments) {
  const MelPreset preset = find_mel_preset(arguments.preset);
  const Recording recording = read_recording(arguments.file, preset.sample_rate);
  const Spectrogram spectrogram = features_of(recording, preset);
  if (!arguments.png.empty()) replace_file(arguments.png, spectrogram_png(spectrogram));
  if (!arguments.csv.empty()) replace_file(arguments.csv, csv_of(spectrogram));
  const auto [lowest, highest] = std::ranges::minmax(spectrogram.features);
  fmt::print("{}: {:.2f} s, {} frames of {} filters ({}), {:g} to {:g}\n", recording.name, recording.seconds(),
             spectrogram.frames, preset.n_mels, preset.name, lowest, highest);
  if (!recording.note.empty()) fmt::print("{}\n", recording.note);
  for (const auto& written : {arguments.png, arguments.csv})
    if (!written.empty()) fmt::print("written: {}\n", written.string());
  return ExitCode::good;
}

std::function<ExitCode()> add_mel(CLI::App& app) {
  const auto a = std::make_shared<MelArguments>();
  app.add_option("FILE", a->file, "the recording (WAV, FLAC)")->required();
  app.add_option("--preset", a->preset, "a built-in preset's name, or a JSON file with your own")
      ->capture_default_str();
  app.add_option("--png", a->png, "write a picture there");
  app.add_option("--csv", a->csv, "write the numbers there");
  app.footer(mel_footer);
  return [a] { return mel(*a); };
}

const RegisterCommand registered_mel{{"mel", "The spectrogram of a recording, as numbers or as a picture", add_mel}};

}  // namespace
}  // namespace kernelgate

#include "bench/audio/recording_problems.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "bench/audio/recording.h"
#include "harness/base/error.h"
#include "kernels/mel/mel.h"
#include "kernels/op/any_op.h"

namespace kernelgate {
namespace {

/// What is measured, whatever files it came in.
struct Named {
  std::map<int, Recording> recordings;  ///< by sample rate
  std::vector<std::string> names;       ///< of its files
};

std::string label_of(const Named& one) {
  const Recording& recording = one.recordings.begin()->second;
  const std::string channels =
      recording.original_channels == 1 ? std::string("mono") : fmt::format("{} channels", recording.original_channels);
  return fmt::format("recording {}: {:.2f} s, {} Hz, {}{}", fmt::join(one.names, " = "), recording.seconds(),
                     recording.original_rate_hz, channels, recording.note.empty() ? "" : "; " + recording.note);
}

/// At every rate that a preset has.
Named read(const std::filesystem::path& path) {
  Named one;
  try {
    for (const MelPreset& preset : mel_presets())
      if (!one.recordings.contains(preset.sample_rate))
        one.recordings[preset.sample_rate] = read_recording(path, preset.sample_rate);
  } catch (const HarnessError& error) {
    throw HarnessError(error.code, fmt::format("--audio {}", error.what()));
  }
  one.names.push_back(one.recordings.begin()->second.name);
  return one;
}

void add(const Named& one) {
  std::map<int, std::shared_ptr<const std::vector<float>>> samples;
  for (const auto& [rate, recording] : one.recordings)
    samples[rate] = std::make_shared<const std::vector<float>>(recording.samples);
  for (const MelPreset& preset : mel_presets()) {
    const auto& audio = samples.at(preset.sample_rate);
    Mel::Problem problem{preset, std::ssize(*audio), 1, audio, one.recordings.begin()->second.content};
    auto added = std::make_shared<TypedProblem<Mel>>(
        Workload<Mel>{std::move(problem), label_of(one), {"smoke", "default", "full"}});
    const bool there = std::ranges::any_of(
        all_problems(), [&](const auto& known) { return known->op() == Mel::name && known->name() == added->name(); });
    if (!there) add_problem(std::move(added));
  }
}

}  // namespace

std::vector<std::string> add_recordings(const std::vector<std::filesystem::path>& paths) {
  std::vector<Named> all;
  std::vector<std::string> notes;
  for (const auto& path : paths) {
    Named one = read(path);
    const Recording& recording = one.recordings.begin()->second;
    if (!recording.note.empty()) notes.push_back(fmt::format("--audio {}: {}", path.string(), recording.note));
    for (const MelPreset& preset : mel_presets()) {
      const auto samples = std::ssize(one.recordings.at(preset.sample_rate).samples);
      if (preset.frames(samples) == 0)
        throw HarnessError(ExitCode::usage,
                           fmt::format("--audio {}: is too short: {} samples at {} Hz, and {} has no frame of them; "
                                       "give a longer recording",
                                       path.string(), samples, preset.sample_rate, preset.name));
    }
    const auto known = std::ranges::find(all, recording.content, [](const Named& other) -> const std::string& {
      return other.recordings.begin()->second.content;
    });
    if (known == all.end())
      all.push_back(std::move(one));
    else
      known->names.push_back(one.names.front());
  }
  for (const Named& one : all) add(one);
  return notes;
}

}  // namespace kernelgate

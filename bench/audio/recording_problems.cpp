#include "bench/audio/recording_problems.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
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
  Recording recording;
  std::vector<std::string> names;  ///< of its files
};

std::string label_of(const Named& one) {
  const Recording& recording = one.recording;
  const std::string channels =
      recording.original_channels == 1 ? std::string("mono") : fmt::format("{} channels", recording.original_channels);
  return fmt::format("recording {}: {:.2f} s, {} Hz, {}{}", fmt::join(one.names, " = "), recording.seconds(),
                     recording.original_rate_hz, channels, recording.note.empty() ? "" : "; " + recording.note);
}

}  // namespace

std::vector<std::string> add_recordings(const std::vector<std::filesystem::path>& paths) {
  std::vector<Named> all;
  std::vector<std::string> notes;
  for (const auto& path : paths) {
    Recording recording = read_recording(path);
    if (!recording.note.empty()) notes.push_back(fmt::format("--audio {}: {}", path.string(), recording.note));
    for (const MelPreset& preset : mel_presets())
      if (Mel::Problem{preset, std::ssize(recording.samples), 1}.frames() == 0)
        throw HarnessError(ExitCode::usage,
                           fmt::format("--audio {}: is too short: {} samples at 16 kHz, and {} needs "
                                       "{}; give a longer recording",
                                       path.string(), recording.samples.size(), preset.name, preset.hop));
    const auto known = std::ranges::find(all, recording.content,
                                         [](const Named& one) -> const std::string& { return one.recording.content; });
    const std::string name = recording.name;
    if (known == all.end())
      all.push_back({std::move(recording), {name}});
    else
      known->names.push_back(name);
  }
  for (Named& one : all) {
    const std::string label = label_of(one);
    const auto samples = std::make_shared<const std::vector<float>>(std::move(one.recording.samples));
    for (const MelPreset& preset : mel_presets()) {
      Mel::Problem problem{preset, std::ssize(*samples), 1, samples, one.recording.content};
      auto added =
          std::make_shared<TypedProblem<Mel>>(Workload<Mel>{std::move(problem), label, {"smoke", "default", "full"}});
      const bool there = std::ranges::any_of(all_problems(), [&](const auto& known) {
        return known->op() == Mel::name && known->name() == added->name();
      });
      if (!there) add_problem(std::move(added));
    }
  }
  return notes;
}

}  // namespace kernelgate

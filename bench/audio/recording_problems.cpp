#include "bench/audio/recording_problems.h"

#include <fmt/format.h>

#include <memory>
#include <set>

#include "bench/audio/recording.h"
#include "harness/base/error.h"
#include "kernels/mel/mel.h"
#include "kernels/op/any_op.h"

namespace kernelgate {
namespace {

/// The name as it stands in the problem's name, which goes into case names and documents.
std::string plain_name(const std::string& name) {
  Mel::Problem problem{.preset = mel_presets().front()};
  problem.recording = std::make_shared<const std::vector<float>>(1);
  problem.recording_name = name;
  const std::string whole = Mel::problem_name(problem);
  return whole.substr(whole.find(':') + 1);
}

std::string unused_name(const std::string& file_name, const std::set<std::string>& used) {
  const std::string plain = plain_name(file_name);
  std::string name = plain;
  for (int i = 2; used.contains(name); ++i) name = fmt::format("{}_{}", plain, i);
  return name;
}

}  // namespace

void add_recordings(const std::vector<std::filesystem::path>& paths) {
  std::set<std::string> used;
  for (const auto& problem : all_problems())
    if (const auto at = problem->name().find("/file:"); problem->op() == Mel::name && at != std::string::npos)
      used.insert(problem->name().substr(at + 6));

  std::vector<std::shared_ptr<const AnyProblem>> problems;
  for (const auto& path : paths) {
    Recording recording = read_recording(path);
    const std::string name = unused_name(recording.name, used);
    used.insert(name);
    const std::string label =
        fmt::format("recording {}: {:.2f} s, {} Hz, {}", name, recording.seconds(), recording.original_rate_hz,
                    recording.original_channels == 1 ? std::string("mono")
                                                     : fmt::format("{} channels", recording.original_channels));
    const auto samples = std::make_shared<const std::vector<float>>(std::move(recording.samples));
    for (const MelPreset& preset : mel_presets()) {
      Mel::Problem problem{preset, std::ssize(*samples), 1, samples, name};
      if (problem.frames() == 0)
        throw HarnessError(ExitCode::usage, fmt::format("--audio {}: is too short: {} samples at 16 kHz, and {} needs "
                                                        "{}; give a longer recording",
                                                        path.string(), samples->size(), preset.name, preset.hop));
      problems.push_back(
          std::make_shared<TypedProblem<Mel>>(Workload<Mel>{std::move(problem), label, {"smoke", "default", "full"}}));
    }
  }
  for (auto& problem : problems) add_problem(std::move(problem));
}

}  // namespace kernelgate

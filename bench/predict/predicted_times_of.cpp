#include "bench/predict/predicted_times_of.h"

#include "bench/program/ptxas_log.h"
#include "harness/codegen/ptxas_log.h"

namespace kernelgate {
namespace {

// Of a launch; what a person looks at.
constexpr std::size_t most_loops = 4;

predict::PredictedPart part_of(const predict::Loop& loop, bool outside) {
  predict::PredictedPart part;
  part.loop = !outside;
  part.instructions = static_cast<std::int64_t>(loop.last - loop.first + 1);
  part.rounds = static_cast<std::int64_t>(loop.iterations);
  for (std::size_t i = 0; i < predict::reason_count; ++i)
    if (loop.cycles_by_reason[i] > 0)
      part.cycles[to_string(static_cast<predict::Reason>(i))] = loop.cycles_by_reason[i];
  return part;
}

}  // namespace

predict::PredictedTimes predicted_times(const PredictedSuite& suite) {
  predict::PredictedTimes times;
  times.gpu = suite.gpu.name;
  times.gpu_as_of = suite.gpu.as_of;
  times.suite = suite.suite;
  const auto kernels = parse_ptxas_log(ptxas_log(), "ptxas' log of this program");
  if (!kernels.empty()) times.nvcc = kernels.front().nvcc;
  for (const CasePrediction& one : suite.cases) {
    predict::PredictedTime time;
    time.name = one.name;
    time.no_ground = one.no_ground;
    time.cold_s = one.cold.seconds;
    time.hot_s = one.hot.seconds;
    for (const predict::LaunchPrediction& launch : one.hot.launches) {
      for (std::size_t i = 0; i + 1 < launch.loops.size() && i < most_loops; ++i)
        time.parts.push_back(part_of(launch.loops[i], false));
      time.parts.push_back(part_of(launch.loops.back(), true));
    }
    times.times.push_back(std::move(time));
  }
  return times;
}

}  // namespace kernelgate

#pragma once
// What was predicted of each case: as it is accepted, and as it is compared. Never a baseline of measured times.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/codegen/codegen_baseline.h"

namespace kernelgate::predict {

/// Changes when the same kernel and the same figures of a GPU give another time.
inline constexpr int model_version = 2;

/// Where a launch's time goes. Units  cycles of the slowest warp, over all rounds.
struct PredictedPart {
  std::int64_t instructions = 0, rounds = 1;  ///< of a loop; what lies in no loop has 1 round
  bool loop = true;
  std::map<std::string, double> cycles;  ///< by what was waited for
  double sum() const;
};

struct PredictedTime {
  std::string name;                  ///< "matmul/f16_nt/256x256x256/sm75_multistage"
  std::string no_ground;             ///< not empty: there is no time
  double cold_s = 0, hot_s = 0;      ///< cold: 0 where it is not known
  std::vector<PredictedPart> parts;  ///< of the hot one, the longest first
};

struct PredictedTimes {
  std::string gpu, gpu_as_of, suite, nvcc;
  int model = model_version;
  std::vector<PredictedTime> times;
};

/// baselines/predict/<gpu>.json. Nothing if there is none. Errors  ResultError: one line that names the file.
std::optional<PredictedTimes> read_predicted_times(const std::filesystem::path& baselines, const std::string& gpu);

/// Returns the file's path. Errors  ResultError: no reason, a dirty build, a file that can't be written.
std::filesystem::path accept_predicted_times(const PredictedTimes&, const std::filesystem::path& baselines,
                                             const AcceptCodegen&);

}  // namespace kernelgate::predict

#pragma once
// What a machine's own noise is, learnt from many process runs of one build: how much runs vary, and how often the rule
// of comparisons calls a change where there is none. Kept in <device>/calibration.json of the program's state folder.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/sides/side.h"
#include "harness/statistics/clopper_pearson.h"

namespace kernelgate {

inline constexpr int calibration_schema_version = 1;
inline constexpr const char* calibration_file = "calibration.json";
/// Fewer say too little of a standard deviation: 8 runs know it to a quarter.
inline constexpr int fewest_calibration_runs = 8;
/// A side of a comparison of a run against itself; the default of `kernelgate run`.
inline constexpr int calibration_runs_a_side = 5;

/// What was called, of comparisons of the build with itself.
struct SelfComparisons {
  int runs_a_side = 0;
  long long compared = 0, slower = 0, faster = 0;
  long long suites = 0, suites_with_alarm = 0;
};

struct CalibratedCase {
  std::string name;
  double run_sd = 0;  ///< of log time, as the device's rule sees it
  double df = 0;
  std::optional<double> lag1;   ///< of the runs, in the order measured
  double detectable_ratio = 1;  ///< what a comparison of two such halves calls 9 times in 10
};

struct Calibration {
  std::string device, device_kind, suite, started_utc, commit;
  int runs = 0;
  double run_sd = 0;  ///< the median over the cases
  std::vector<CalibratedCase> cases;
  /// Of pairs that share no run: consecutive stretches of runs, each split by turns into A and B. Its interval is exact
  /// as far as runs are independent.
  SelfComparisons disjoint;
  /// Of many ways to split all runs into two halves at random. They share runs: a finer figure, with no interval.
  SelfComparisons shuffled;
};

/// Errors  ResultError (usage): fewer runs than needed, an injected result, nothing measured.
Calibration calibrate(const Result& result, std::uint64_t seed = 1);

/// Writes it into `folder`, which is made when needed. Returns the path. Errors  ResultError.
std::filesystem::path write_calibration(const std::filesystem::path& folder, const Calibration& calibration);

/// The class median that was measured on this device; nothing where it was not calibrated or the file can't be read.
std::optional<double> calibrated_run_sd(const std::filesystem::path& folder, const std::string& device);

/// Errors  ResultError, one line.
Calibration read_calibration(const std::filesystem::path& path);

}  // namespace kernelgate

#pragma once
// Microbenchmarks: what the model of a GPU (harness/predict) takes from tables, measured on this very GPU.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "harness/measure/stopwatch.h"
#include "kernels/microbench/clocked.h"
#include "kernels/op/device.h"

namespace kernelgate::silicon {

/// One figure. `key` is that of harness/predict/gpus where the model has one.
struct Figure {
  std::string key;
  double value = 0;
  std::string unit;
  std::string how;
};
using Give = std::function<void(Figure)>;

/// A stretch of work that lasts: what the GPU's clock and power settle at.
struct Sustained {
  double launch_s = 0;
  double cycles = 0;  ///< of one launch
  double watts = 0;   ///< 0: not known
};

enum class Data { zeros, uniform, normal };

/// What microbenchmarks measure with: a GPU, or a made-up one for tests.
class Bench {
 public:
  virtual ~Bench() = default;
  virtual const Device& device() const = 0;

  /// Global memory of so many bytes, the same as before if they suffice, filled with f16.
  ///
  /// Errors  DeviceError: there is not so much.
  virtual void* memory(std::size_t bytes, Data data = Data::normal) = 0;

  /// Runs the kernel once, untimed.
  virtual void run(const std::string& kernel, const microbench::ClockedRun& run) = 0;
  /// Medians over several launches of the first and the second reading of the slowest block.
  struct Readings {
    double first = 0, second = 0;
  };
  virtual Readings read(const std::string& kernel, microbench::ClockedRun run, CacheState state) = 0;
  /// From event to event, median: of all `launches` together.
  virtual double seconds(const std::string& kernel, const microbench::ClockedRun& run, CacheState state,
                         int launches = 1) = 0;
  /// The same of a graph of so many launches.
  virtual double graph_seconds(const std::string& kernel, const microbench::ClockedRun& run, int launches) = 0;
  virtual Sustained sustain(const std::string& kernel, const microbench::ClockedRun& run, double at_least_s) = 0;
};

struct Microbenchmark {
  const char* name;
  const char* shows;
  int compute_capability;
  bool that_alone;
  std::function<void(Bench& bench, const Give& give)> run;
};

/// The twelve, in the order of their worth.
std::span<const Microbenchmark> microbenchmarks();

}  // namespace kernelgate::silicon

#pragma once
// Times launched work on one kind of device, in one cache state.

#include <functional>
#include <memory>
#include <string>

struct CUstream_st;

namespace kernelgate {

/// Starts the work on a stream (null on the CPU). What is measured is one call, or several in a row.
using TimedWork = std::function<void(CUstream_st*)>;

/// hot: the work ran just before, its data is where the caches left it.
/// cold: the last-level cache was overwritten just before.
enum class CacheState { hot, cold };

constexpr const char* to_string(CacheState state) { return state == CacheState::hot ? "hot" : "cold"; }

/// One timed region.
///
/// Units  seconds, of one launch; hertz.
struct Sample {
  double seconds = 0;
  double sm_clock_hz = 0;  ///< 0: not known
};

class Stopwatch {
 public:
  virtual ~Stopwatch() = default;

  /// Runs `work` `launches` times in one timed region and waits for its end.
  ///
  /// `slowdown` over 1 prolongs the region on purpose: the injection of slow results. On the CPU the
  /// program really waits; on a GPU the measured time is scaled.
  /// Errors  HarnessError when the device failed.
  virtual Sample time(const TimedWork& work, int launches, CacheState state, double slowdown) = 0;

  /// Runs the work untimed and waits.
  virtual void run(const TimedWork& work) = 0;

  /// The shortest region that is timed well: shorter ones are batched. 20 times the timer's resolution.
  virtual double shortest_region_s() const = 0;

  /// Times a fixed work on the device's cores, that tells how fast the machine is just now.
  ///
  /// Units  seconds; 0: there is no control for this device.
  virtual double control() { return 0; }
};

std::unique_ptr<Stopwatch> cpu_stopwatch();

/// Errors  HarnessError when the program was built without CUDA or the GPU can't be used.
std::unique_ptr<Stopwatch> cuda_stopwatch(int ordinal);

}  // namespace kernelgate

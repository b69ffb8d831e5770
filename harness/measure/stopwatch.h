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

/// What is to be timed: `work`, so many times in a row.
struct TimedRegion {
  const TimedWork& work;
  int launches = 1;
  CacheState state = CacheState::hot;
  double slowdown = 1;  ///< over 1 prolongs the region on purpose: the injection of slow results
  /// Called right before the region, and right after it: what they start is in the stream's order, and not timed. On a
  /// GPU the device is busy when `before` is called: work on another stream that does not wait would run ahead of it.
  TimedWork before = {}, after = {};
};

/// One timed region.
///
/// Units  seconds; hertz.
struct Sample {
  double seconds = 0;      ///< of one launch
  double sm_clock_hz = 0;  ///< 0: not known
  double late_s = 0;       ///< how long the device still worked when the region had ended
  double processor_s = 0;  ///< what this process's threads used, of one launch; 0: not known
  bool preempted = false;  ///< somebody else had a core that this process wanted
};

class Stopwatch {
 public:
  virtual ~Stopwatch() = default;

  /// Times the region and waits until the device is idle. A slowdown is really waited for on the CPU; on a GPU the
  /// measured time is scaled.
  ///
  /// Errors  HarnessError when the device failed.
  virtual Sample time(const TimedRegion& region) = 0;

  /// Runs the work untimed and waits.
  virtual void run(const TimedWork& work) = 0;

  /// The shortest region that is timed well: shorter ones are batched. 20 times the timer's resolution.
  virtual double shortest_region_s() const = 0;

  /// Waits until nothing runs any more that an earlier work has left running, but not for ever.
  ///
  /// Units  seconds that it took; infinite: it gave up.
  virtual double settle() { return 0; }

  /// Times a fixed work on the device's cores, that tells how fast the machine is just now.
  ///
  /// Units  seconds; 0: there is no control for this device.
  virtual double control() { return 0; }
};

/// `evict` empties the caches before cold work; by default a pass over twice the last-level cache.
std::unique_ptr<Stopwatch> cpu_stopwatch(std::function<void()> evict = {});

/// Errors  HarnessError when the program was built without CUDA or the GPU can't be used.
std::unique_ptr<Stopwatch> cuda_stopwatch(int ordinal);

}  // namespace kernelgate

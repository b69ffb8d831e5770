#pragma once
// Takes readings at a steady pace on a thread of its own, while others measure.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "harness/measure/telemetry/readings.h"

namespace kernelgate {

/// From construction until stop() or destruction. The first reading is one `period` after the start, so that
/// it meets the work and not what was before it.
///
/// What it costs: one thread that sleeps, and NVML's calls, which take the driver's locks for some time. On a
/// GPU the timed work is enqueued before it starts, so that a host that waits does not show in its time.
class BackgroundSampler {
 public:
  BackgroundSampler(std::function<GpuState()> read, std::chrono::milliseconds period);
  ~BackgroundSampler();
  BackgroundSampler(const BackgroundSampler&) = delete;
  BackgroundSampler& operator=(const BackgroundSampler&) = delete;

  /// Ends the thread and hands out what it read, in order.
  std::vector<GpuState> stop();

 private:
  void run();

  std::function<GpuState()> read_;
  std::chrono::milliseconds period_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<GpuState> samples_;
  std::thread thread_;  // last: it uses the others
};

}  // namespace kernelgate

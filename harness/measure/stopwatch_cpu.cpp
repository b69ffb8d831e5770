// Wall-clock time of work on the CPU.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "harness/measure/control.h"
#include "harness/measure/process_threads.h"
#include "harness/measure/stopwatch.h"

namespace kernelgate {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_between(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

/// Smallest step seen between two readings of the clock, at least 1 ns.
double clock_resolution_s() {
  double smallest = 1;
  for (int i = 0; i < 64; ++i) {
    const auto begin = Clock::now();
    auto end = begin;
    while (end == begin) end = Clock::now();
    smallest = std::min(smallest, seconds_between(begin, end));
  }
  return std::max(smallest, 1e-9);
}

/// Twice the last-level cache; 64 MiB where the system does not say its size.
std::size_t eviction_bytes() {
  const long l3 = sysconf(_SC_LEVEL3_CACHE_SIZE);
  return std::clamp<std::size_t>(l3 > 0 ? 2 * static_cast<std::size_t>(l3) : 0, std::size_t{64} << 20,
                                 std::size_t{512} << 20);
}

class CpuStopwatch final : public Stopwatch {
 public:
  explicit CpuStopwatch(std::function<void()> evict) : evict_(std::move(evict)) {}

  Sample time(const TimedRegion& region) override {
    if (region.before) region.before(nullptr);
    if (region.state == CacheState::cold) evict_ ? evict_() : evict();
    const long preemptions = process_preemptions();
    const double processor_begin = threads_.processor_s();
    const auto begin = Clock::now();
    for (int i = 0; i < region.launches; ++i) region.work(nullptr);
    auto end = Clock::now();
    const double processor_s = threads_.processor_s() - processor_begin;
    const bool preempted = process_preemptions() != preemptions;
    if (region.slowdown > 1) {
      const double until = seconds_between(begin, end) * region.slowdown;
      while (seconds_between(begin, end) < until) end = Clock::now();
    }
    if (region.after) region.after(nullptr);
    Sample sample;
    sample.seconds = seconds_between(begin, end) / region.launches;
    sample.processor_s = processor_s * region.slowdown / region.launches;
    sample.preempted = preempted;
    return sample;
  }

  void run(const TimedWork& work) override {
    work(nullptr);
    threads_.refresh();  // it may have started some
  }

  double shortest_region_s() const override { return 20 * resolution_s_; }

  double settle() override { return threads_.settle(); }

  double control() override {
    if (!control_) control_.emplace();
    return control_->time();
  }

 private:
  void evict() {
    if (eviction_.empty()) eviction_.resize(eviction_bytes());
    for (std::size_t i = 0; i < eviction_.size(); i += 64) eviction_[i] = static_cast<char>(eviction_[i] + 1);
  }

  ProcessThreads threads_;
  double resolution_s_ = clock_resolution_s();
  std::function<void()> evict_;
  std::vector<char> eviction_;
  std::optional<Control> control_;  ///< its threads start when it is first asked
};

}  // namespace

std::unique_ptr<Stopwatch> cpu_stopwatch(std::function<void()> evict) {
  return std::make_unique<CpuStopwatch>(std::move(evict));
}

}  // namespace kernelgate

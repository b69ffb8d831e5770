// Wall-clock time of work on the CPU.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "harness/measure/control.h"
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
  Sample time(const TimedWork& work, int launches, CacheState state, double slowdown) override {
    if (state == CacheState::cold) evict();
    const auto begin = Clock::now();
    for (int i = 0; i < launches; ++i) work(nullptr);
    auto end = Clock::now();
    if (slowdown > 1) {
      const double until = seconds_between(begin, end) * slowdown;
      while (seconds_between(begin, end) < until) end = Clock::now();
    }
    return {seconds_between(begin, end) / launches, 0};
  }

  void run(const TimedWork& work) override { work(nullptr); }

  double shortest_region_s() const override { return 20 * resolution_s_; }

  double control() override {
    if (!control_) control_.emplace();
    return control_->time();
  }

 private:
  void evict() {
    if (eviction_.empty()) eviction_.resize(eviction_bytes());
    for (std::size_t i = 0; i < eviction_.size(); i += 64) eviction_[i] = static_cast<char>(eviction_[i] + 1);
  }

  double resolution_s_ = clock_resolution_s();
  std::vector<char> eviction_;
  std::optional<Control> control_;  ///< its threads start when it is first asked
};

}  // namespace

std::unique_ptr<Stopwatch> cpu_stopwatch() { return std::make_unique<CpuStopwatch>(); }

}  // namespace kernelgate

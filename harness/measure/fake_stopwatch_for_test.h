#pragma once
// A stopwatch without a clock, and a policy that stops at a number of samples.

#include <functional>

#include "harness/measure/sampler.h"

namespace kernelgate {

/// Work "takes" what the work itself says, so that the loop's decisions are tested without a clock.
class FakeStopwatch final : public Stopwatch {
 public:
  Sample time(const TimedRegion& region) override {
    last_state = region.state;
    if (region.before) region.before(nullptr);
    now = 0;
    for (int i = 0; i < region.launches; ++i) region.work(nullptr);
    const double region_s = now;
    if (region.after) region.after(nullptr);
    if (broken_every > 0 && ++timed % broken_every == 0) return {0, 0};
    Sample sample;
    sample.seconds = region_s / region.launches * region.slowdown;
    sample.sm_clock_hz = clock_hz;
    sample.late_s = late_s;
    return sample;
  }
  double settle() override {
    ++settled;
    return settle_s;
  }
  void run(const TimedWork& work) override { work(nullptr); }
  double shortest_region_s() const override { return 1e-5; }
  double control() override {
    if (on_control) on_control();
    return control_s;
  }

  double now = 0;
  double clock_hz = 0;
  double control_s = 0;
  double late_s = 0;
  double settle_s = 0;
  int settled = 0;
  std::function<void()> on_control;
  int broken_every = 0;  ///< every so many samples come out as 0 seconds
  int timed = 1;
  CacheState last_state = CacheState::hot;
};

inline SamplingPolicy quick() {
  SamplingPolicy policy;
  policy.warm_up_s = 0;
  policy.min_samples = 10;
  policy.max_samples = 100;
  policy.time_s = 1e9;
  policy.wall_cap_s = 1e9;
  policy.precision = -1;  // never reached
  return policy;
}

}  // namespace kernelgate

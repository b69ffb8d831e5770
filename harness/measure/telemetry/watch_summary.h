#pragma once
// What a live watch has to say at its end.

#include <cstdint>
#include <map>
#include <string>

#include "harness/measure/telemetry/live_watch.h"

namespace kernelgate {

class WatchSummary {
 public:
  void add(const WatchTick& tick);

  /// One paragraph a GPU: what held it back and for how long, how hot it was, what went wrong.
  std::string text() const;

 private:
  /// Over all ticks; the counters' last values are their totals.
  struct Extremes {
    WatchedGpu last;
    Fact<double> sm_clock_min_hz, sm_clock_max_hz, power_max_w;
    Fact<std::int64_t> temperature_max_c, margin_min_c;
  };

  double seconds_ = 0;
  std::map<int, Extremes> gpus_;
};

}  // namespace kernelgate

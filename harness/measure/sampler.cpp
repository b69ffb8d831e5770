#include "harness/measure/sampler.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "harness/base/interrupt.h"
#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int samples_a_turn = 3;  // few, so that turns alternate often
constexpr int precision_checked_every = 10;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// The loop's own bookkeeping of one contestant.
struct Progress {
  double measured_s = 0;
  double wall_s = 0;
  int taken = 0;  ///< samples, the discarded ones too
  bool done = false;
};

/// Half of the median's interval, relative: from the quartiles, so that stragglers don't count.
double relative_precision(const std::vector<double>& samples) {
  const Summary summary = summarize(samples);
  // The interquartile range is 1.35 sigma; the median's standard error is 1.25 sigma / sqrt(n).
  const double sigma = (summary.q3 - summary.q1) / 1.349;
  return 1.96 * 1.2533 * sigma / std::sqrt(static_cast<double>(summary.count)) / summary.median;
}

/// Discarded samples count too: a clock that only ever fails must not hold the loop for ever.
bool wall_cap_hit(const Progress& progress, const SamplingPolicy& policy) {
  return progress.wall_s >= policy.wall_cap_s && progress.taken >= policy.fewest_samples;
}

bool enough(const Contestant& contestant, const Progress& progress, const SamplingPolicy& policy) {
  const int count = static_cast<int>(contestant.samples_s.size());
  if (wall_cap_hit(progress, policy) || count >= policy.max_samples) return true;
  if (count < policy.min_samples) return false;
  if (progress.measured_s >= policy.time_s) return true;
  return count % precision_checked_every == 0 && relative_precision(contestant.samples_s) <= policy.precision;
}

/// Runs until `warm_up_s` have passed, and finds how many launches a region needs.
void warm_up(Stopwatch& stopwatch, Contestant& contestant, const SamplingPolicy& policy) {
  const auto begin = Clock::now();
  double shortest = 1e9;
  do {
    shortest = std::min(shortest, stopwatch.time(contestant.work, 1, CacheState::hot, 1).seconds);
  } while (seconds_since(begin) < policy.warm_up_s && !interrupted());
  contestant.launches_per_sample =
      static_cast<int>(std::clamp(std::ceil(stopwatch.shortest_region_s() / std::max(shortest, 1e-9)), 1.0, 10000.0));
}

double share_done(const std::vector<Contestant>& contestants, const std::vector<Progress>& progress,
                  const SamplingPolicy& policy) {
  double sum = 0;
  for (std::size_t i = 0; i < contestants.size(); ++i)
    sum +=
        progress[i].done
            ? 1
            : std::min(1.0, std::max(progress[i].measured_s / policy.time_s, progress[i].wall_s / policy.wall_cap_s));
  return contestants.empty() ? 1 : sum / static_cast<double>(contestants.size());
}

}  // namespace

bool sample(Stopwatch& stopwatch, std::vector<Contestant>& contestants, CacheState state, const SamplingPolicy& policy,
            const std::function<void(double)>& turn) {
  for (auto& contestant : contestants) {
    if (interrupted()) return false;
    warm_up(stopwatch, contestant, policy);
  }
  stopwatch.control();  // its threads start, its memory is touched
  std::vector<Progress> progress(contestants.size());
  std::vector<std::size_t> order(contestants.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  while (std::ranges::any_of(progress, [](const Progress& p) { return !p.done; })) {
    for (std::size_t i : order) {
      if (interrupted()) return false;
      Contestant& contestant = contestants[i];
      if (progress[i].done) continue;
      const auto begin = Clock::now();
      // The others ran in between: bring this one's data and code back before a hot sample.
      if (state == CacheState::hot) stopwatch.run(contestant.work);
      for (int s = 0; s < samples_a_turn && !progress[i].done; ++s) {
        const Sample taken =
            stopwatch.time(contestant.work, contestant.launches_per_sample, state, contestant.slowdown);
        ++progress[i].taken;
        if (!(taken.seconds > 0) || !std::isfinite(taken.seconds)) {
          ++contestant.discarded["not a positive time"];
        } else {
          contestant.samples_s.push_back(taken.seconds);
          if (taken.sm_clock_hz > 0) contestant.sm_clock_hz.push_back(taken.sm_clock_hz);
          progress[i].measured_s += taken.seconds * contestant.launches_per_sample;
        }
        progress[i].done = enough(contestant, progress[i], policy);
      }
      if (const double control = stopwatch.control(); control > 0) contestant.control_s.push_back(control);
      progress[i].wall_s += seconds_since(begin);
      progress[i].done = progress[i].done || wall_cap_hit(progress[i], policy);
      turn(share_done(contestants, progress, policy));
    }
    std::ranges::reverse(order);
  }
  // A clock that was read for some samples only can't stand beside each of them.
  for (auto& contestant : contestants)
    if (contestant.sm_clock_hz.size() != contestant.samples_s.size()) contestant.sm_clock_hz.clear();
  return true;
}

}  // namespace kernelgate
